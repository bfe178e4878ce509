"""Access tokens: JWTs of the profile for OAuth 2.0 (RFC 9068), signed with ES256 (RFC 7518 §3.4)."""

import base64
import datetime as dt
from collections.abc import Sequence

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from latchkey_token.domain.jwk import PublicJwk
from latchkey_token.domain.key_life import State
from latchkey_verify import tokens
from latchkey_verify.bearer import Bearer
from latchkey_verify.errors import InvalidToken

_AFTER_ALL = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""A time at which no token is too young to be read."""


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
        self._header = {"typ": tokens.TYPE, "kid": active.public.kid}
        self._public = {
            key.public.kid: jwt.PyJWK(msgspec.to_builtins(key.public), tokens.ALGORITHM)
            for key in keys
            if not key.compromised
        }
        self._published = Jwks(tuple(key.public for key in keys if key.state != "retired"))

    @property
    def kid(self) -> str:
        """The key that signs."""
        return self._header["kid"]

    def sign(self, claims: AccessClaims) -> str:
        """Spell an access token."""
        payload = msgspec.structs.asdict(claims)
        payload["iss"] = self._issuer
        payload["aud"] = claims.aud[0] if len(claims.aud) == 1 else list(claims.aud)
        return jwt.encode(payload, self._private, algorithm=tokens.ALGORITHM, headers=self._header)

    def read(self, token: str) -> Bearer | None:
        """Whom a token speaks for, expired or not, dead or not; ``None`` when no key of ours has signed it."""
        known = self.recognise(token)
        return known.bearer if known else None

    def recognise(self, token: str) -> Read | None:
        """A token with all that it says; as `read`."""
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
