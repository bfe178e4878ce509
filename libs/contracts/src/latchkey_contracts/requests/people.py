"""Requests of the operator about people and tenants: what bars and lifts them, and tenants' own limits.

All may be repeated: what stands so already is told to the token service once more, and changes nothing.
"""

import datetime as dt
from typing import Annotated, ClassVar

import msgspec

from latchkey_contracts.requests.base import Ask

Lifetime = Annotated[int, msgspec.Meta(ge=60, le=315_360_000)]
"""Seconds: a minute to ten years."""


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. ``changed`` is false when it stood so already.

    ``pending``: the token service cannot be reached, and will learn of it from the event. ``effective_at`` is when it
    is in force everywhere at the latest, ``None`` when there was nothing to put into force, or it is pending.
    """

    changed: bool
    pending: bool = False
    effective_at: dt.datetime | None = None


class UserSwitch(Ask[Turned], frozen=True):
    """To auth: disable a user everywhere, or enable them again. Every connection of a disabled user is dead."""

    path: ClassVar[str] = "/internal/users/switch"
    answer: ClassVar[type] = Turned
    email: str
    disabled: bool


class TenantSwitch(Ask[Turned], frozen=True):
    """To auth: off-board a tenant, by name, or restore it. Every connection in an off-boarded tenant is dead."""

    path: ClassVar[str] = "/internal/tenants/switch"
    answer: ClassVar[type] = Turned
    name: str
    off_boarded: bool


class TenantLimit(Ask[Turned], frozen=True):
    """To auth: a tenant's own limits on connections; ``None`` takes one away, what is left out stays as it is.

    ``refresh_token_lifetime`` counts from each rotation, ``connection_lifetime`` from the consent on.
    """

    path: ClassVar[str] = "/internal/tenants/limit"
    answer: ClassVar[type] = Turned
    name: str
    refresh_token_lifetime: Lifetime | msgspec.UnsetType | None = msgspec.UNSET
    connection_lifetime: Lifetime | msgspec.UnsetType | None = msgspec.UNSET
