"""What every event has in common, and how one is found by its type."""

from typing import ClassVar, Literal

import msgspec

Result = Literal["success", "refused", "failed"]
Value = str | int | bool | tuple[str, ...] | None


class Effect(msgspec.Struct, frozen=True):
    """What a fact does to connections: a kill, and whether any may be born after it.

    ``kind`` as in ``latchkey_contracts.feed``. ``key`` names the fields that its key is made of, ``tenantid`` that of
    the envelope. ``bar``: what the fact sets or lifts; where it has a field ``barred``, that says how it stands now.
    ``where``: a field that must be true, else the fact kills nothing.
    """

    kind: str
    key: tuple[str, ...]
    bar: Literal["sets", "lifts"] | None = None
    where: str | None = None


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
    title: ClassVar[str]
    """What people read in a log: plain words, no ids."""
    version: ClassVar[int] = 1
    result: ClassVar[Result] = "success"
    """``refused``: we, or whoever was asked, said no. ``failed``: somebody could not show that they are who they say,
    or that what they hold is theirs."""
    effect: ClassVar[Effect | None] = None
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
