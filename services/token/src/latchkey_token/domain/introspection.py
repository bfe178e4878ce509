"""What introspection answers (RFC 7662 §2.2): all of a good token, and of any other one word."""

import datetime as dt
import hmac
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from latchkey_oauth.token_string import Presented, secret_hash
from latchkey_token.domain.connection import Granted
from latchkey_verify.tokens import Claims


class Found(Granted, frozen=True, kw_only=True):
    """A connection as it is now; ``scope`` is that of the token in question, which may be narrower.

    ``since`` is when its current refresh token was made, ``ends`` when that one expires. ``compromised`` are the ids
    of signing keys that nobody may believe.
    """

    current_hash: bytes
    since: dt.datetime
    ends: dt.datetime
    alive: bool
    now: dt.datetime
    compromised: frozenset[str]


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a client, which sees its own tokens, or a resource server, which sees those of its audience."""

    client: str | None = None
    audience: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 7662 §2.2. ``tid`` is the tenant and ``sid`` the connection, as in the access token itself (RFC 9068)."""

    active: bool
    scope: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    aud: str | tuple[str, ...] | UnsetType = UNSET
    iss: str | UnsetType = UNSET
    iat: int | UnsetType = UNSET
    exp: int | UnsetType = UNSET
    token_type: str | UnsetType = UNSET
    jti: str | UnsetType = UNSET
    tid: str | UnsetType = UNSET
    sid: str | UnsetType = UNSET


INACTIVE: Final = Answer(active=False)
"""Unknown, expired, dead or not for this asker: nobody learns which."""


def of_access_token(claims: Claims, kid: str, found: Found, asker: Asker) -> Answer:
    """Answer for an access token with our signature."""
    audiences = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    good = (
        found.alive
        and kid not in found.compromised
        and claims.exp > found.now.timestamp()
        and (claims.client_id, claims.born) == (found.client, found.born)
    )
    if not good or not (asker.client == found.client or asker.audience in audiences):
        return INACTIVE
    return Answer(
        active=True,
        scope=found.scope,
        client_id=found.client,
        sub=found.user,
        aud=claims.aud,
        iss=claims.iss,
        iat=claims.iat,
        exp=claims.exp,
        token_type="Bearer",  # noqa: S106 - the name of a type
        jti=claims.jti,
        tid=found.tenant,
        sid=found.id,
    )


def of_refresh_token(token: Presented, found: Found, asker: Asker, issuer: str) -> Answer:
    """Answer for a refresh token with our MAC.

    Only its client hears that it is good: a resource server that took it for an access token would be fooled. For the
    same reason it has no ``token_type`` (RFC 6749 §5.1 has none for it).
    """
    good = (
        found.alive
        and found.now < found.ends
        and token.generation == found.generation
        and hmac.compare_digest(secret_hash(token.secret), found.current_hash)
    )
    if not good or asker.client != found.client:
        return INACTIVE
    return Answer(
        active=True,
        scope=found.scope,
        client_id=found.client,
        sub=found.user,
        aud=found.resources,
        iss=issuer,
        iat=int(found.since.timestamp()),
        exp=int(found.ends.timestamp()),
        tid=found.tenant,
        sid=found.id,
    )
