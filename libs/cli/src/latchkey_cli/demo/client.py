"""An ordinary OAuth client: authorization code with PKCE, refresh, and requests with a bearer."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import msgspec

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.story import require
from latchkey_cli.demo_data.cast import LOOPBACK
from latchkey_kit.entropy import SystemEntropy
from latchkey_oauth.pkce import challenge_for


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    client_id: str
    client_secret: str | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a token response (RFC 6749 §5.1) that the demo uses."""

    access_token: str
    refresh_token: str
    scope: str
    expires_in: int

    @property
    def connection(self) -> str:
        """Id of the connection, as the access token names it (``sid``)."""
        payload = self.access_token.split(".")[1]
        return str(msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="))["sid"])


class App:
    """``origin`` is the issuer, too."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, credentials: Credentials) -> None:
        self._session = session
        self._origin = origin
        self._credentials = credentials

    async def connect(self, person: Browser, *, scope: str | None = None, resources: tuple[str, ...] = ()) -> Tokens:
        """Authorize as a person, and exchange the code."""
        verifier, state = _random(), _random()
        asked = [
            ("response_type", "code"),
            ("client_id", self._credentials.client_id),
            ("redirect_uri", LOOPBACK),
            ("state", state),
            ("code_challenge", challenge_for(verifier)),
            ("code_challenge_method", "S256"),
            *(("resource", resource) for resource in resources),
            *([("scope", scope)] if scope else []),
        ]
        back = await person.authorize(f"{self._origin}/oauth/authorize?{urlencode(asked)}")
        answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        require(answer.get("state") == state, "the state did not come back unchanged")
        require(answer.get("iss") == self._origin, "the issuer of the authorization response is not ours (RFC 9207)")
        require("code" in answer, f"no code came back, but {answer.get('error')}")
        form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": LOOPBACK}
        status, body = await self.token(form | {"code_verifier": verifier})
        require(status == 200, f"the code was not exchanged: {status} {body.get('error')}")
        return msgspec.convert(body, Tokens)

    async def refresh(self, refresh_token: str) -> tuple[int, dict[str, Any]]:
        return await self.token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint, with the secret in the body when there is one."""
        known = {"client_id": self._credentials.client_id}
        if self._credentials.client_secret:
            known["client_secret"] = self._credentials.client_secret
        async with self._session.post(f"{self._origin}/oauth/token", data=known | form) as response:
            return response.status, await response.json()


async def call(
    session: aiohttp.ClientSession, method: str, url: str, access_token: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    """A request with a bearer; the status, and the JSON if there is any."""
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, text/event-stream"}
    async with session.request(method, url, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None) if await response.read() else None


def _random() -> str:
    return base64.urlsafe_b64encode(SystemEntropy().bytes(32)).decode().rstrip("=")
