"""The token and permissions services as a verifier sees them, for tests: real HTTP, real ES256, told what to answer."""

import asyncio
import base64
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from latchkey_contracts.feed import CONNECTION, PULL_PATH, Entry, Page, mark
from latchkey_contracts.requests.permissions import Part, Rights, RightsGet
from latchkey_kit.clock import Clock
from latchkey_kit.testing import eventually
from latchkey_kit.web.problems import Document
from latchkey_oauth.metadata import JWKS_PATH

CONNECTION_ID = "c" * 32
TENANT, USER, CLIENT, ROLE_ID = "1" * 32, "2" * 32, "3" * 32, "4" * 32
DOCUMENT = "d" * 64
_ES256 = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
_AWAY = Document(status=503, title="Away.", code="temporarily_unavailable")


class Issuer:
    """Signs access tokens. ``mint`` takes claims to change; ``None`` leaves one out."""

    def __init__(self, issuer: str, audience: str, clock: Clock, kid: str = "key-1") -> None:
        self.issuer = issuer
        self.audience = audience
        self.kid = kid
        self.key = ec.generate_private_key(ec.SECP256R1())
        self._clock = clock

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self._clock.now().timestamp())
        usual = {
            "iss": self.issuer, "aud": self.audience, "sub": USER, "client_id": CLIENT, "tid": TENANT,
            "sid": CONNECTION_ID, "born": 7, "jti": "a" * 32, "iat": now, "exp": now + 3600, "prm": DOCUMENT,
        }  # fmt: skip
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def mint(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        return self.sign(msgspec.json.encode(self.claims(**changes)), header)

    def sign(self, payload: bytes, header: dict[str, Any] | None = None) -> str:
        """Sign any payload under any header, as a careless issuer could. A member of ``None`` is left out."""
        usual = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid} | (header or {})
        named = msgspec.json.encode({name: value for name, value in usual.items() if value is not None})
        signing = f"{_base64url(named)}.{_base64url(payload)}"
        return f"{signing}.{_base64url(_ES256.sign(signing.encode(), self.key))}"

    def jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return public | {"kid": self.kid, "alg": "ES256", "use": "sig"}


class Owners:
    """What the two services would answer now. ``away`` names paths that answer 503; ``asked`` counts questions.

    ``entries`` hold the keys themselves; they are marked with ``salt`` on their way out.
    """

    def __init__(self, *issuers: Issuer) -> None:
        self.issuers = list(issuers)
        self.epoch = "epoch-1"
        self.salt = "5a17" * 16
        self.horizon = 0
        self.entries: list[Entry] = []
        self.page_size = 1000
        self.head: int | None = None
        self.rights = rights({"company": ["view"]}, {"company": ["view"]}, {"company": ["view"]})
        self.away: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.feed_asks: list[dict[str, str]] = []
        self.callers: set[str] = set()
        """Name and credential, ``name:secret``, of all who asked for the feed."""
        self.only_after: str | None = None
        """Answer the feed only to those who ask after this number."""
        self.more_routes: list[web.RouteDef] = []
        """What else a test's service asks of them."""
        self.held = 0
        self._on_hold = ""
        self._gate = asyncio.Event()
        self._gate.set()
        self.url = ""

    def add(self, kind: str, key: str, value: int = 0) -> Entry:
        entry = Entry(len(self.entries) + 1, kind, key, value)
        self.entries.append(entry)
        return entry

    def kill(self, connection: str = CONNECTION_ID) -> Entry:
        return self.add(CONNECTION, connection)

    def push_of(self, *entries: Entry, head: int = 0) -> bytes:
        """The body of a push."""
        return msgspec.json.encode(self._page(head, entries))

    def page(self, after: int) -> Page:
        rest = [entry for entry in self.entries if entry.number > max(after, self.horizon)]
        entries, more = tuple(rest[: self.page_size]), len(rest) > self.page_size
        newest = entries[-1].number if entries else after
        head = newest if more else len(self.entries) if self.head is None else self.head
        return self._page(head, entries, more=more)

    def _page(self, head: int, entries: tuple[Entry, ...], *, more: bool = False) -> Page:
        marked = tuple(marked_entry(self.salt, entry) for entry in entries)
        return Page(epoch=self.epoch, head=head, entries=marked, more=more, salt=self.salt, horizon=self.horizon)

    def hold(self, path: str) -> None:
        """Let answers of this path wait, though they are made up when the question comes in."""
        self._on_hold = path
        self._gate.clear()

    def release(self) -> None:
        self._on_hold = ""
        self._gate.set()

    async def asked_again(self, path: str, times: int = 2) -> None:
        """Wait until that many more questions came: the answers to all but the last are then applied."""
        wanted = self.asked[path] + times
        await eventually(lambda: self.asked[path] >= wanted)

    async def _feed(self, request: web.Request) -> web.Response:
        self.feed_asks.append(dict(request.query))
        self.callers.add(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode())
        page, after = self.page(int(request.query["after"])), request.query["after"]
        away = PULL_PATH in self.away or self.only_after not in {None, after}
        return await self._answer(request, page, away=away)

    async def _jwks(self, request: web.Request) -> web.Response:
        return await self._answer(request, {"keys": [issuer.jwk() for issuer in self.issuers]})

    async def _rights(self, request: web.Request) -> web.Response:
        msgspec.json.decode(await request.read(), type=RightsGet)
        return await self._answer(request, self.rights)

    async def _answer(self, request: web.Request, body: Any, *, away: bool | None = None) -> web.Response:
        answer = msgspec.json.encode(body)
        if request.path in self.away if away is None else away:
            self.asked[request.path] += 1
            return web.Response(status=503, body=msgspec.json.encode(_AWAY))
        if request.path == self._on_hold:
            self.held += 1
            await self._gate.wait()
        self.asked[request.path] += 1
        return web.Response(body=answer, content_type="application/json")

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve both on one port; gives the address."""
        app = web.Application()
        app.router.add_get(PULL_PATH, self._feed)
        app.router.add_get(JWKS_PATH, self._jwks)
        app.router.add_post(RightsGet.path, self._rights)
        app.router.add_routes(self.more_routes)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            yield self.url
        finally:
            await runner.cleanup()


def marked_entry(salt: str, entry: Entry) -> Entry:
    """The entry as it is on the wire. ``salt`` is in hexadecimal."""
    return msgspec.structs.replace(entry, key=mark(bytes.fromhex(salt), entry.kind, entry.key).hex())


def rights(
    granted: Any, ceiling: Any, role: Any, *, revision: int = 1, portfolios: tuple[str, str] = ("own", "own")
) -> Rights:
    """An answer of the permissions service; permission sets in the plain shape of ``latchkey_policy``."""

    def part(key: str, permissions: Any) -> Part:
        return Part(key=key, revision=revision, permissions=_raw(permissions))

    return Rights(
        document=_raw({"permissions": granted, "portfolio": portfolios[0]}),
        ceiling=part(CLIENT, ceiling),
        role=part(ROLE_ID, role) if role is not None else None,
        assignment=revision,
        portfolio=portfolios[1],
    )


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
