"""Access tokens: JWTs of the profile for OAuth 2.0 (RFC 9068), signed with ES256 (RFC 7518 §3.4)."""

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.utils import base64url_encode

from latchkey_token.domain.jwk import PublicJwk
from latchkey_token.domain.key_life import State
from latchkey_verify import tokens
from latchkey_verify.bearer import Bearer
from latchkey_verify.errors import InvalidToken
from latchkey_verify.lru import Lru

_AFTER_ALL = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""A time at which no token is too young to be read."""
_ALGORITHM = jwt.get_algorithm_by_name(tokens.ALGORITHM)
_MOST_RECOGNISED = 8192
"""Tokens whose signature need not be checked again, by their SHA-256; about 1 kB each."""


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says. Times are seconds since 1970, by the database's clock.

    ``sid`` is the connection, ``born`` its number, ``tid`` the tenant, ``prm`` the digest of the grant document.
    """

    sub: str
    client_id: str
    tid: str
    sid: str
    born: int
    aud: tuple[str, ...]
    prm: str
    jti: str
    iat: int
    exp: int


class SigningKey(msgspec.Struct, frozen=True):
    private: EllipticCurvePrivateKey
    public: PublicJwk
    state: State
    compromised: bool = False


class Jwks(msgspec.Struct, frozen=True):
    """A JWK set (RFC 7517 §5)."""

    keys: tuple[PublicJwk, ...]


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A token that a key of ours has signed, and the key."""

    kid: str
    bearer: Bearer
    claims: tokens.Claims


class Signer:
    """Signs with the active key, and knows its own signature again with any that is not compromised.

    ``issuer`` is the API origin.
    """

    def __init__(self, issuer: str, keys: Sequence[SigningKey]) -> None:
        self._issuer = issuer
        self.adopt(keys)

    def adopt(self, keys: Sequence[SigningKey]) -> None:
        """Take these keys in the place of those that were."""
        (active,) = (key for key in keys if key.state == "active")
        self._private = active.private
        self._kid = active.public.kid
        # Spelled once, for it is the same in every token: `jwt.encode` would take twice as long over one as we do.
        header = {"typ": tokens.TYPE, "alg": tokens.ALGORITHM, "kid": self._kid}
        self._protected = base64url_encode(msgspec.json.encode(header))
        self._public = {
            key.public.kid: jwt.PyJWK(msgspec.to_builtins(key.public), tokens.ALGORITHM)
            for key in keys
            if not key.compromised
        }
        self._recognised: Lru[bytes, Read] = Lru(_MOST_RECOGNISED)
        self._published = Jwks(tuple(key.public for key in keys if key.state != "retired"))

    @property
    def kid(self) -> str:
        """The key that signs."""
        return self._kid

    def sign(self, claims: AccessClaims) -> str:
        """Spell an access token."""
        payload = msgspec.structs.asdict(claims)
        payload["iss"] = self._issuer
        payload["aud"] = claims.aud[0] if len(claims.aud) == 1 else list(claims.aud)
        signed = self._protected + b"." + base64url_encode(msgspec.json.encode(payload))
        return (signed + b"." + base64url_encode(_ALGORITHM.sign(signed, self._private))).decode()

    def read(self, token: str) -> Bearer | None:
        """Whom a token speaks for, expired or not, dead or not; ``None`` when no key of ours has signed it."""
        known = self.recognise(token)
        return known.bearer if known else None

    def recognise(self, token: str) -> Read | None:
        """A token with all that it says; as `read`. Who asks about a token asks again: its signature stays good."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._recognised.get(digest)
        if known is None:
            known = self._check(token)
            if known is not None:
                self._recognised.put(digest, known)
        return known

    def _check(self, token: str) -> Read | None:
        try:
            kid = tokens.kid_of(token)
            key = self._public.get(kid)
            if key is None:
                return None
            bearer = tokens.read(token, key, self._issuer, _AFTER_ALL)
        except InvalidToken:
            return None
        payload = base64.urlsafe_b64decode(token.split(".")[1] + "==")
        return Read(kid=kid, bearer=bearer, claims=msgspec.json.decode(payload, type=tokens.Claims))

    def jwks(self) -> Jwks:
        """Public keys, also the one that is to sign next."""
        return self._published
