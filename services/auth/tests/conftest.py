"""A running auth service, stand-ins that answer as its neighbours' contracts say."""

import contextlib
import datetime as dt
import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import asyncpg
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from argon2 import PasswordHasher

from latchkey_auth.__main__ import DEFINITION
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.clients import Client, ClientAnswer, ClientsGet
from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    GrantsStanding,
    PersonRights,
    PersonRightsGet,
    SessionsResolve,
    StandingAnswer,
    StandingGrant,
)
from latchkey_contracts.requests.grants import ALREADY_AUTHORIZED, Applied, GrantCreated, GrantsCreate, TokenApply
from latchkey_contracts.requests.operator import MemberPut, TenantPut
from latchkey_contracts.requests.permissions import (
    AdminRolePut,
    ConsentLine,
    LeavingAnswer,
    LeavingAsk,
    PermissionsResolve,
    Resolution,
    RoleAnswer,
    RoleGive,
    RoleOffer,
    RoleUnassign,
    RoleWithin,
)
from latchkey_contracts.requests.standing import Seen
from latchkey_kit.clock import SystemClock
from latchkey_kit.testing.services import ORIGIN, Served, credential
from latchkey_kit.web.problems import Document
from latchkey_policy.permissions import PermissionSet
from latchkey_verify.testing import Issuer, Owners, rights

sys.path.insert(0, str(Path(__file__).parent))
from browsing_auth import PASSWORD, Browser

PAGES = "http://localhost:8080"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
CALLBACK = "https://app.example/callback"
VERIFIER_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
MANAGER = {"member": ["view", "create", "remove"]}
ROLE, ADMIN_ROLE = "e" * 32, "ad" * 16
DOCUMENT = hashlib.sha256(b"a grant document").hexdigest()
RESOLUTION = Resolution(
    document=DOCUMENT,
    scope=("company:view", "company:update"),
    lines=(ConsentLine(title="Company", sentence="View and update companies", strong=True),),
)


class Neighbours(Owners):
    """Client registry, permissions, token and heads at one address: each test says what they answer."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(issuer)
        self.rights = rights(MANAGER, MANAGER, MANAGER)
        self.clients: dict[str, Client] = {}
        self.usable_in: dict[str, set[str]] = {}
        self.turns: dict[tuple[str, str], int] = {}
        self.turns_in: dict[str, int] = {}
        self.resolution = RESOLUTION
        self.standing: StandingGrant | None = None
        self.refuses: set[str] = set()
        self.refuses_births = 0
        self.births = 0
        self.born: dict[Any, str] = {}
        """Connections, by what was asked, or by number where that is no attempt."""
        self.used: set[str] = set()
        """Connections whose code was exchanged."""
        self.may_leave = True
        self.before: dict[type[Any], Any] = {}
        """What happens, once, when a question of this kind has come, before it is answered."""
        self.in_force = dt.datetime(2026, 11, 22, 8, 0, 2, tzinfo=dt.UTC)
        self.refuses_to_tell = False
        self.questions: list[Any] = []
        self.managing: dict[str, Any] = {"member": ["view", "create", "update", "remove"]}
        """What the roles of people at the console allow."""
        self.refused_roles: dict[type[Any], Document] = {}
        """What permissions answers to a question about roles, if not yes."""
        self.more_routes = [
            web.post(kind.path, self._serve(kind, reply))
            for kind, reply in (
                (ClientsGet, self._client), (PermissionsResolve, self._resolution), (GrantsCreate, self._birth),
                (TokenApply, self._apply), (LeavingAsk, self._leaving), (RoleUnassign, lambda _: (200, Done())),
                (PersonRightsGet, self._person), (AdminRolePut, lambda _: (200, RoleAnswer(role=ADMIN_ROLE))),
                *((kind, self._role) for kind in (RoleOffer, RoleGive, RoleWithin)),
                (GrantsStanding, lambda _: (200, StandingAnswer(grant=self.standing))),
            )
        ]  # fmt: skip

    def all(self, kind: type[Any]) -> list[Any]:
        return [question for question in self.questions if isinstance(question, kind)]

    def last(self, kind: type[Any]) -> Any:
        return self.all(kind)[-1]

    def _serve(self, kind: Any, answer: Any) -> Any:
        async def handle(request: web.Request) -> web.Response:
            if kind.path in self.away:
                return web.Response(status=503)
            if kind.path in self.refuses:
                return web.json_response({"status": 404, "title": "No.", "code": "not_found"}, status=404)
            question = msgspec.json.decode(await request.read(), type=kind)
            self.questions.append(question)
            if (happens := self.before.pop(kind, None)) is not None:
                await happens()
            status, said = answer(question)
            return web.Response(status=status, body=msgspec.json.encode(said), content_type="application/json")

        return handle

    def _client(self, question: ClientsGet) -> tuple[int, Any]:
        if self.refuses_to_tell:
            return 400, Document(status=400, title="No.", code="invalid_request")
        usable = tuple(t for t in question.tenants if t in self.usable_in.get(question.client, set()))
        turns_in = {tenant: turn for tenant, turn in self.turns_in.items() if tenant in usable}
        return 200, ClientAnswer(client=self.clients.get(question.client), usable_in=usable, turns_in=turns_in)

    def _resolution(self, question: PermissionsResolve) -> tuple[int, Any]:
        """What was chosen of it, if there was a choice."""
        chosen, whole = question.chosen, self.resolution
        if chosen is None or whole.refusal is not None:
            return 200, whole
        scope = tuple(word for word in whole.scope if word in chosen)
        if not scope:
            return 200, Resolution(refusal="nothing")
        document = whole.document if scope == whole.scope else hashlib.sha256(" ".join(scope).encode()).hexdigest()
        return 200, Resolution(document=document, scope=scope, lines=whole.lines)

    def _birth(self, question: GrantsCreate) -> tuple[int, Any]:
        if self.refuses_births:
            return self.refuses_births, Document(status=self.refuses_births, title="No.", code="client_moved")
        if any(seen.turn < self.turns.get((seen.kind, seen.key), 0) for seen in self._hangs_on(question)):
            return 409, Document(status=409, title="No.", code="turned")
        asked = msgspec.structs.replace(question, client_revision=0, client_turn=0, turns=())
        key = self.births if question.attempt is None else asked
        self.births += 1
        born = self.born.setdefault(key, f"{int('c' * 32, 16) + len(self.born):032x}")
        if born in self.used:
            return 409, Document(status=409, title="No.", code=ALREADY_AUTHORIZED)
        return 200, GrantCreated(connection=born, code="lk_ac_code")

    def _hangs_on(self, question: GrantsCreate) -> list[Seen]:
        """Every turn that the token service knows, at 0 where the birth says nothing."""
        said = {(seen.kind, seen.key): seen for seen in question.turns}
        return [said.get((kind, key), Seen(kind=kind, key=key, turn=0)) for kind, key in self._keys(question)]

    def _keys(self, question: GrantsCreate) -> list[tuple[Any, str]]:
        return [
            ("tenant", question.tenant), ("user", question.user), ("tenant_user", question.tenant + question.user),
            ("tenant_client", question.tenant + question.client),
        ]  # fmt: skip

    def _leaving(self, _question: LeavingAsk) -> tuple[int, Any]:
        return 200, LeavingAnswer(allowed=self.may_leave)

    def _person(self, _question: PersonRightsGet) -> tuple[int, Any]:
        return 200, PersonRights(
            role=ROLE, role_name="Admin", permissions=msgspec.Raw(PermissionSet.of(self.managing).encode()),
            portfolio="all", app_center=True, settings=True, audit=True,
        )  # fmt: skip

    def _role(self, question: Any) -> tuple[int, Any]:
        refused = self.refused_roles.get(type(question))
        return (200, Done()) if refused is None else (refused.status, refused)

    def _apply(self, question: TokenApply) -> tuple[int, Any]:
        for one in question.standings:
            self.turns[one.kind, one.key] = max(one.turn, self.turns.get((one.kind, one.key), 0))
        return 200, Applied(number=len(self.turns), effective_at=self.in_force)


class World:
    """The service, its neighbours, and who is in it."""

    def __init__(self, served: Served, neighbours: Neighbours, operator: Any) -> None:
        self.served = served
        self.neighbours = neighbours
        self.operator = operator
        self.tenants: dict[str, str] = {}
        self.users: dict[str, str] = {}

    async def populate(self) -> None:
        for name, title in (("acme", "Acme Inc."), ("globex", "Globex")):
            self.tenants[name] = (await self.operator.ask(TenantPut(name=name, title=title))).id
        for email, name, tenants in (
            ("sam@acme.test", "Sam", ["acme"]),
            ("kim@globex.test", "Kim", ["globex"]),
            ("rita@acme.test", "Rita", ["acme", "globex"]),
        ):
            self.users[email] = await self.add_user(email, name)
            for tenant in tenants:
                await self.operator.ask(MemberPut(tenant=self.tenants[tenant], user=self.users[email]))

    async def add_user(self, email: str, name: str) -> str:
        """With a cheap hash: a dear one for each test takes its time."""
        user = hashlib.md5(email.encode()).hexdigest()  # noqa: S324 - just an id
        await self.execute(
            "INSERT INTO app_user (id, email, name, password_hash) VALUES ($1, $2, $3, $4)",
            user, email, name, PASSWORD_HASH,
        )  # fmt: skip
        return user

    async def execute(self, statement: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.served.settings.database_url.reveal())
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def invite(self, email: str, tenant: str = "acme") -> str:
        """An invitation by staff; gives the path of its page."""
        token = f"lk_inv_{email.translate({ord('@'): '-'})}"
        await self.execute(
            "INSERT INTO invitation (id, token_hash, tenant, email, role, expires_at)"
            " VALUES (gen_random_uuid(), $1, $2, $3, gen_random_uuid(), clock_timestamp() + interval '7 days')",
            hashlib.sha256(token.encode()).digest(), self.tenants[tenant], email,
        )  # fmt: skip
        return f"/invitation/{token}"

    async def password_link(self, email: str) -> str:
        """A link by staff; gives the path of its page."""
        token, staff = f"lk_pwl_{email.translate({ord('@'): '-'})}", await self.add_user("links@staff.test", "Links")
        await self.execute("UPDATE app_user SET staff = true WHERE id = $1", staff)
        await self.execute(
            "INSERT INTO password_link (app_user, token_hash, made_by, expires_at)"
            " VALUES ($1, $2, $3, clock_timestamp() + interval '1 hour')",
            self.users[email], hashlib.sha256(token.encode()).digest(), staff,
        )  # fmt: skip
        return f"/password/{token}"

    def add_client(self, usable_in: tuple[str, ...] = ("acme",), **changes: Any) -> str:
        client = Client(
            **{
                "id": "a1" * 16, "tenant": self.tenants["acme"], "name": "Acme Sync", "description": "Syncs things.",
                "client_type": "confidential", "proof": "both", "preset": "custom", "revision": 7, "turn": 3,
                "redirect_uris": (CALLBACK, "http://127.0.0.1/callback"),
            } | changes
        )  # fmt: skip
        self.neighbours.clients[client.id] = client
        self.neighbours.usable_in[client.id] = {self.tenants[name] for name in usable_in}
        return client.id

    def authorize(self, *extra: tuple[str, str], **changes: str | None) -> str:
        """Path of an authorization request; ``None`` leaves a parameter out."""
        parameters: dict[str, str | None] = {
            "response_type": "code", "client_id": "a1" * 16, "redirect_uri": CALLBACK, "state": "s1",
            "code_challenge": VERIFIER_CHALLENGE, "code_challenge_method": "S256",
        } | changes  # fmt: skip
        given = [(name, value) for name, value in parameters.items() if value is not None]
        return "/oauth/authorize?" + urlencode([*given, *extra])

    async def events(self, kind: str) -> list[CloudEvent]:
        """What the outbox holds, in the order of writing."""
        rows = await self.execute("SELECT body FROM outbox ORDER BY created_at, id")
        found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
        return [event for event in found if event.type == kind]


@pytest_asyncio.fixture
async def neighbours_at() -> AsyncIterator[tuple[Neighbours, str]]:
    neighbours = Neighbours(Issuer(ORIGIN, f"{ORIGIN}/v1", SystemClock()))
    async with neighbours.serving() as url:
        yield neighbours, url


@pytest.fixture
def start(neighbours_at: Any, serving_service: Any, peer: Any) -> Any:
    """``async with start(setting=…) as world``."""
    neighbours, url = neighbours_at

    @contextlib.asynccontextmanager
    async def starting(**settings: Any) -> AsyncIterator[World]:
        given = {"workspace_origin": PAGES, **settings}
        urls = dict.fromkeys(("client_registry_url", "permissions_url", "token_url", "heads_urls"), url)
        async with serving_service(DEFINITION, **urls, **given) as served:
            world = World(served, neighbours, peer("operator", served.internal_url))
            await world.populate()
            world.add_client()
            yield world

    return starting


@pytest_asyncio.fixture
async def world(start: Any) -> AsyncIterator[World]:
    async with start() as made:
        yield made


@pytest_asyncio.fixture
async def new_browser() -> AsyncIterator[Any]:
    async with contextlib.AsyncExitStack() as stack:

        async def make(world: World) -> Browser:
            jar = aiohttp.CookieJar(unsafe=True)
            session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
            return Browser(session, world.served.public_url)

        yield make


@pytest_asyncio.fixture
async def browser(world: World, new_browser: Any) -> Browser:
    made: Browser = await new_browser(world)
    return made


@pytest.fixture
def issuer() -> str:
    return ORIGIN


class AtConsole:
    """The web console as somebody uses it who is signed in with a browser of their own."""

    def __init__(self, world: World, browser: Browser, peer: Any, workspace: str | None) -> None:
        self.world = world
        self.browser = browser
        self._peer = peer("console", world.served.internal_url)
        self._workspace = workspace

    async def assertions(self) -> dict[str, str]:
        """Owner's name → the word for them that this person is at the console."""
        session = self.browser.cookies()["latchkey_session_8080"].value
        resolved = await self._peer.ask(SessionsResolve(session=session, workspace=self._workspace))
        return resolved.person.assertions

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body."""
        return await self.send(method, path, body, (await self.assertions())["auth"])

    async def send(self, method: str, path: str, body: Any, actor: str, caller: str = "console") -> tuple[int, Any]:
        headers = {"Authorization": aiohttp.encode_basic_auth(caller, credential(caller)), ACTOR_HEADER: actor}
        url = self.world.served.internal_url + path
        async with self.browser.session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
def at_console(world: World, new_browser: Any, peer: Any) -> Any:
    """``desk = await at_console("sam@acme.test", "acme")``; ``staff``: who never was a member of anything."""

    async def sit_down(email: str, workspace: str | None = None, *, staff: bool = False) -> AtConsole:
        if staff:
            world.users[email] = await world.add_user(email, "Stacy")
            await world.execute("UPDATE app_user SET staff = true WHERE email = $1", email)
        browser = await new_browser(world)
        assert (await browser.sign_in(email)).status == 303
        return AtConsole(world, browser, peer, workspace)

    return sit_down
