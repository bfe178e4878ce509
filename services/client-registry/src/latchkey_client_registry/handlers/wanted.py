"""Bodies by which clients are made and changed. What is wrong with a text or a URL is said in words, later."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from latchkey_contracts.requests.clients import (
    LONGEST_LIFETIME,
    LONGEST_RETRY_WINDOW,
    SHORTEST_LIFETIME,
    ClientType,
    Preset,
    Proof,
)
from latchkey_contracts.requests.permissions import PlainPermissions

_Lifetime = Annotated[int, msgspec.Meta(ge=SHORTEST_LIFETIME, le=LONGEST_LIFETIME)]
_RetryWindow = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_RETRY_WINDOW)]
_Once = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{0,64}\Z")]


class New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``once``: whatever a form was given to be told apart; sent again, it makes no second client. Empty is none."""

    name: str
    description: str = ""
    type: ClientType = "confidential"
    proof: Proof = "both"
    preset: Preset = "custom"
    redirect_uris: tuple[str, ...] = ()
    permissions: PlainPermissions = {}
    retry_window: _RetryWindow | None = None
    refresh_token_lifetime: _Lifetime | None = None
    connection_lifetime: _Lifetime | None = None
    client_credentials: bool = False
    narrowing: bool = False
    once: _Once | None = None


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``UNSET`` stays as it is."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    type: ClientType | UnsetType = UNSET
    proof: Proof | UnsetType = UNSET
    redirect_uris: tuple[str, ...] | UnsetType = UNSET
    permissions: PlainPermissions | None = None
    retry_window: _RetryWindow | UnsetType | None = UNSET
    refresh_token_lifetime: _Lifetime | UnsetType | None = UNSET
    connection_lifetime: _Lifetime | UnsetType | None = UNSET
    client_credentials: bool | UnsetType = UNSET
    narrowing: bool | UnsetType = UNSET
