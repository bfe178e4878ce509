"""What every event has in common, and how one is found by its type."""

from typing import ClassVar, Literal

import msgspec

Result = Literal["success", "refused", "failed"]
Value = str | int | bool | tuple[str, ...] | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One setting before and after; rights as scope words. Secrets are never a setting."""

    field: str
    before: Value
    after: Value


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact in the past tense.

    Only optional fields are ever added to a released event; anything else is a new version beside the old one.
    No secret, token, code or password is ever a field.
    """

    type: ClassVar[str]
    """``<aggregate>.<what happened>``, for example ``client.created``."""
    version: ClassVar[int] = 1
    result: ClassVar[Result] = "success"
    """``refused``: we said no. ``failed``: somebody tried and could not show that they may."""
    entity: ClassVar[str]
    """Name of the field that holds the id of the aggregate."""

    @property
    def entity_id(self) -> str:
        value: str = getattr(self, type(self).entity)
        return value


def subject(event_type: str, entity_id: str, tenant: str | None) -> str:
    """NATS subject of an event: ``lk.v1.<tenant>.<aggregate>.<id>.<event>``, ``_`` where there is no tenant."""
    aggregate, _, happened = event_type.partition(".")
    return f"lk.v1.{tenant or '_'}.{aggregate}.{entity_id}.{happened}"
