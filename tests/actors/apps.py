"""An OAuth client: sends people away, gets them back, and keeps tokens."""

import base64
import hashlib
import os
from urllib.parse import urlencode

import jwt

REDIRECT = "http://127.0.0.1:4711/callback"


class Tokens:
    """A token response (RFC 6749 §5.1)."""

    def __init__(self, body: dict) -> None:
        self.access: str = body["access_token"]
        self.refresh: str = body["refresh_token"]
        self.scope: list[str] = body["scope"].split()
        self.claims: dict = jwt.decode(self.access, options={"verify_signature": False})


class App:
    def __init__(self, house, client_id: str, client_secret: str | None = None) -> None:
        self._house = house
        self.client_id = client_id
        self.client_secret = client_secret
        house.used |= {client_secret} if client_secret else set()

    def ask(self, **changes) -> tuple[str, str]:
        """An address to send somebody to, and the code verifier. A parameter of ``None`` is left out."""
        verifier = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        usual = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": REDIRECT, "state": "s tate/+1",
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        sent = {name: value for name, value in (usual | changes).items() if value is not None}
        self._house.used.add(verifier)
        return f"{self._house.origin}/oauth/authorize?{urlencode(sent, doseq=True)}", verifier

    async def connect(
        self, person, *, pick: str | None = None, redirect_uri: str = REDIRECT, leave: tuple[str, ...] = (), **asked
    ) -> Tokens:
        url, verifier = self.ask(redirect_uri=redirect_uri, **asked)
        answer = await person.authorize(url, tenant=pick, leave=leave)
        assert isinstance(answer, dict), answer.words
        assert (answer["state"], answer["iss"]) == ("s tate/+1", self._house.origin)
        form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": redirect_uri}
        status, body = await self.post("/oauth/token", form | {"code_verifier": verifier})
        assert status == 200, body
        return Tokens(body)

    async def refresh(self, token: str) -> tuple[int, dict]:
        return await self.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": token})

    async def refreshed(self, token: str) -> Tokens:
        status, body = await self.refresh(token)
        assert status == 200, body
        return Tokens(body)

    async def revoke(self, token: str) -> int:
        return (await self.post("/oauth/revoke", {"token": token}))[0]

    def form(self, **fields) -> dict:
        """The fields, and the app's own credentials."""
        known = {"client_id": self.client_id} | ({"client_secret": self.client_secret} if self.client_secret else {})
        return known | fields

    async def post(self, path: str, form: dict) -> tuple[int, dict]:
        status, body, _ = await self._house.ask("POST", path, data=self.form(**form))
        self._house.used |= {body[name] for name in ("access_token", "refresh_token") if name in (body or {})}
        return status, body
