"""Requests about the keys that sign access tokens; the operator's `latchkey keys` makes them."""

import datetime as dt
from typing import Annotated, ClassVar, Literal

import msgspec

from latchkey_contracts.requests.base import Ask

KeyState = Literal["next", "active", "former", "retired"]
Kid = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,128}$", max_length=128)]


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` and ``former`` keys are published and do not sign; a retired one is neither.

    ``signed_until`` is when it stopped to sign, ``published_until`` when the last token that it signed has expired.
    ``compromised``: all that it has signed is refused.
    """

    kid: str
    state: KeyState
    compromised: bool
    created_at: dt.datetime
    signed_until: dt.datetime | None = None
    published_until: dt.datetime | None = None


class SigningKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Every key that there ever was, the oldest first."""

    keys: tuple[SigningKey, ...]


class KeysList(Ask[SigningKeys], frozen=True):
    """To token: the signing keys as they are."""

    path: ClassVar[str] = "/internal/keys/list"
    answer: ClassVar[type] = SigningKeys


class KeysRotate(Ask[SigningKeys], frozen=True):
    """To token: the next key signs from now on, and the active one stays published while its tokens live.

    409 `published_too_briefly`: caches of the key set may not have the next key yet; ``now`` does it all the same.
    ``active`` is the key that is to step down, if the caller names one: asked for again, it changes nothing.
    """

    path: ClassVar[str] = "/internal/keys/rotate"
    answer: ClassVar[type] = SigningKeys
    active: Kid | None = None
    now: bool = False


class KeyRetire(Ask[SigningKeys], frozen=True):
    """To token: a key leaves the key set at once. Asked for again, it changes nothing.

    404 `unknown_key`; 409 `key_signs` for the active one, unless it is ``compromised``: then the next one takes its
    place, and all that it ever signed is refused.
    """

    path: ClassVar[str] = "/internal/keys/retire"
    answer: ClassVar[type] = SigningKeys
    kid: Kid
    compromised: bool = False
