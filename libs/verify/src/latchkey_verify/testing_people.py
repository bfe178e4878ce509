"""Auth as the other owners see it, for tests: who is at the console, by real signatures."""

import base64
from typing import Any

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    ACTOR_TYPE,
    ASSERTION_SECONDS,
    ActorKeysAnswer,
    ActorKeysGet,
)
from latchkey_kit.clock import Clock

_JWS = jwt.PyJWS(algorithms=["EdDSA"])


class ActorSigner:
    """Signs actor assertions. ``asked`` counts how often its keys were, ``away`` lets it answer 503."""

    def __init__(self, issuer: str, clock: Clock, kid: str = "actor-key-1") -> None:
        self.kid = kid
        self.key = Ed25519PrivateKey.generate()
        self.asked = 0
        self.away = False
        self._issuer = issuer
        self._clock = clock

    def keys(self) -> dict[str, str]:
        """As `ActorKeysAnswer` has them."""
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {self.kid: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}

    async def find(self, kid: str) -> Ed25519PublicKey | None:
        """As ``latchkey_verify.people.Keys``."""
        return self.key.public_key() if kid == self.kid else None

    def assertion(
        self,
        owner: str,
        user: str,
        tenant: str = "",
        *,
        staff: bool = False,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """One for an owner. ``header`` and ``changes`` change members; ``None`` leaves one out."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer, "aud": owner, "sub": user, "iat": now, "exp": now + ASSERTION_SECONDS,
            "tid": tenant, "stf": staff,
        } | changes  # fmt: skip
        named = {"typ": ACTOR_TYPE, "kid": self.kid} | (header or {})
        return _JWS.encode(msgspec.json.encode(_given(claims)), self.key, "EdDSA", _given(named))

    def headers(self, owner: str, user: str, tenant: str = "", *, staff: bool = False) -> dict[str, str]:
        """What the console sends beside its own credential."""
        return {ACTOR_HEADER: self.assertion(owner, user, tenant, staff=staff)}

    def route(self) -> web.RouteDef:
        """Where owners ask for the keys."""
        return web.post(ActorKeysGet.path, self._answer)

    async def _answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.away:
            raise web.HTTPServiceUnavailable
        return web.Response(body=msgspec.json.encode(ActorKeysAnswer(keys=self.keys())))


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
