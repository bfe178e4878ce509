"""Actor assertions: the word of this service that a person is at the console, for one owner and one minute."""

import base64
import hashlib

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from latchkey_contracts.requests.console import ACTOR_TYPE, ASSERTION_SECONDS, OWNERS, ActorClaims
from latchkey_kit.clock import Clock
from latchkey_kit.deriving import derive
from latchkey_kit.sealing import master

_ALGORITHM = "EdDSA"
_JWS = jwt.PyJWS(algorithms=[_ALGORITHM])


class Assertions:
    """``master_key`` is base64 of 32 bytes; all instances have the same, and so sign with the same key.

    Raises ``SealError`` for a malformed one.
    """

    def __init__(self, master_key: str, issuer: str, clock: Clock) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derive(master(master_key), "actor assertions"))
        self._public = self._key.public_key()
        self._issuer = issuer
        self._clock = clock
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._kid = hashlib.sha256(raw).hexdigest()[:16]
        self.keys = {self._kid: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}
        """As `ActorKeysAnswer` has them."""

    async def find(self, kid: str) -> Ed25519PublicKey | None:
        """As ``latchkey_verify.people.Keys``, for this service's own management API."""
        return self._public if kid == self._kid else None

    def all(self, user: str, tenant: str, *, staff: bool, login: str) -> dict[str, str]:
        """One for each owner. ``tenant`` is empty for staff who act in none, ``login`` the session they are in."""
        return {owner: self.one(owner, user, tenant, staff=staff, login=login) for owner in OWNERS}

    def one(self, owner: str, user: str, tenant: str, *, staff: bool, login: str) -> str:
        now = int(self._clock.now().timestamp())
        claims = ActorClaims(
            iss=self._issuer,
            aud=owner,
            sub=user,
            iat=now,
            exp=now + ASSERTION_SECONDS,
            tid=tenant,
            stf=staff,
            ses=login,
        )
        headers = {"typ": ACTOR_TYPE, "kid": self._kid}
        return _JWS.encode(msgspec.json.encode(claims), self._key, _ALGORITHM, headers)
