"""Reading an access token: a JWT by RFC 9068, ES256 and nothing else, checked by RFC 8725.

Keys come from our own token service only: `jku`, `x5u`, `jwk` and `x5c` in a header are never looked at. Each token has
one spelling: base64url that decodes to the same bytes in another way is refused.
"""

import base64
import datetime as dt
import re
from typing import Annotated, Any, Final

import jwt
import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_verify.bearer import Bearer
from latchkey_verify.errors import InvalidToken

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
"""Of the header (RFC 9068 §2.1): no other JWT passes for an access token."""
LONGEST: Final = 8192
"""Characters. Ours have about 700."""
SKEW: Final = 30
"""Seconds that the issuer's clock may be ahead of ours. ``exp`` has no leeway: a token ends when it says so."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
_JWS = jwt.PyJWS(algorithms=[ALGORITHM])

Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Of Unix time, up to the end of the year 9999."""


class Header(msgspec.Struct, frozen=True):
    alg: str
    typ: str
    kid: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


class Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str | tuple[str, ...]
    sub: Id
    client_id: Id
    tid: Id
    sid: Id
    born: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    iat: Seconds
    exp: Seconds
    prm: Digest
    nbf: Seconds = 0


def kid_of(token: str) -> str:
    """The key that a token names. Nothing is proven yet, but whatever could not be ours is refused here.

    Raises:
        InvalidToken: by its shape or header.

    """
    if len(token) > LONGEST or not _COMPACT.fullmatch(token):
        raise InvalidToken("malformed")
    segments = token.split(".")
    if not all(map(_is_canonical, segments)):
        raise InvalidToken("malformed")
    try:
        header = msgspec.json.decode(base64.urlsafe_b64decode(segments[0] + "=="), type=Header)
    except _UNREADABLE:
        raise InvalidToken("malformed") from None
    if header.alg != ALGORITHM:
        raise InvalidToken("wrong_algorithm")
    if header.typ != TYPE:
        raise InvalidToken("wrong_type")
    if header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET:
        raise InvalidToken("unknown_extension")
    return header.kid


def read(token: str, key: jwt.PyJWK, issuer: str, now: dt.datetime) -> Bearer:
    """Check a token's signature and claims. ``key`` is the one that `kid_of` named.

    Raises:
        InvalidToken: with the reason.

    """
    try:
        signed = _JWS.decode_complete(token, key, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, UnicodeError, RecursionError):
        raise InvalidToken("wrong_signature") from None
    try:
        claims = msgspec.json.decode(signed["payload"], type=Claims)
    except _UNREADABLE:
        raise InvalidToken("wrong_claims") from None
    if claims.iss != issuer:
        raise InvalidToken("wrong_issuer")
    seconds = now.timestamp()
    if max(claims.iat, claims.nbf) > seconds + SKEW or claims.exp <= claims.iat:
        raise InvalidToken("wrong_times")
    return _bearer(claims, signed["header"]["kid"])


def _bearer(claims: Claims, kid: str) -> Bearer:
    return Bearer(
        connection=claims.sid,
        tenant=claims.tid,
        user=claims.sub,
        client=claims.client_id,
        document=claims.prm,
        audiences=(claims.aud,) if isinstance(claims.aud, str) else claims.aud,
        expires=dt.datetime.fromtimestamp(claims.exp, dt.UTC),
        born=claims.born,
        kid=kid,
    )


def _is_canonical(segment: str) -> bool:
    """Whether the unused bits of the last digit are zero (RFC 4648 §3.5)."""
    unused = {0: 0, 2: 0b1111, 3: 0b11}.get(len(segment) % 4)
    return unused is not None and not _DIGITS.index(segment[-1]) & unused
