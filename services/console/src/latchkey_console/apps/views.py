"""A client as its owner tells of it. What an owner does not tell (yet) has the value of "nothing"."""

import datetime as dt
from typing import Any, Literal

import msgspec

from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.permissions import PlainPermissions


class SecretShown(msgspec.Struct, frozen=True, kw_only=True):
    """``ending``: the last four characters. ``ends_at``: ``None`` for one that does not end by itself."""

    id: str
    ending: str
    created_at: dt.datetime
    ends_at: dt.datetime | None = None


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    """How a request for publication stands. ``reason`` is what staff said to a no."""

    state: Literal["none", "pending", "approved", "rejected"] = "none"
    reason: str | None = None
    at: dt.datetime | None = None


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth client of the workspace. ``client_secret`` stands only in the answer to what made it."""

    id: str
    client_id: str
    name: str
    description: str
    type: ClientType
    status: str
    proof: Proof
    preset: Preset
    redirect_uris: tuple[str, ...]
    narrowing: bool = False
    dynamic: bool = False
    retry_window: int = 0
    refresh_token_lifetime: int | None = None
    connection_lifetime: int | None = None
    client_credentials: bool = False
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str | None = None
    revision: int
    permissions: PlainPermissions | None = None
    secrets: tuple[SecretShown, ...] = ()
    client_secret: str | None = None
    logo: str | None = None
    published: bool = False
    publishing: Publishing = Publishing()
    blocked: bool = False

    @property
    def initial(self) -> str:
        """What stands in the place of a picture."""
        return self.name.strip()[:1].upper() or "?"

    @property
    def holds_secrets(self) -> bool:
        return self.type == "confidential"

    @property
    def lacks(self) -> tuple[str, ...]:
        """What nobody can connect without, in the order in which people set it up, as far as is known here."""
        missing = []
        if not self.redirect_uris:
            missing.append("redirect_uris")
        if self.permissions is not None and not self.permissions and not self.dynamic:
            missing.append("permissions")
        return tuple(missing)


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What of a client is in use: living connections, of how many people, and when one was used last.

    ``more``: counting has stopped, so there are at least so many, and one may have been used later.
    """

    living: int
    users: int = 0
    last_used_at: dt.datetime | None = None
    more: bool = False


def app_of(told: Any) -> App:
    """Read what the registry answers; ``msgspec.ValidationError`` is our fault."""
    return msgspec.convert(told, App)


def use_of(told: Any) -> Use:
    return msgspec.convert(told, Use)
