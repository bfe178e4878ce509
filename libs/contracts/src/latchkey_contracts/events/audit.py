"""Facts of the audit service: who looked at a log, what it is signed with, and what it has let go."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment

NOBODY: Id = "0" * 32
"""Stands for the tenant in the log of facts that belong to no tenant."""


class AuditLogViewed(Event, frozen=True):
    """Somebody read the log. Told once in ten minutes for the same reader, way and filter."""

    type: ClassVar[str] = "auditlog.viewed"
    title: ClassVar[str] = "Audit log read"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    way: str
    """``page``, ``entry``, ``stream`` or ``checkpoints``."""
    filter: dict[str, str]
    """What was asked for, as in the query."""


class AuditLogExported(Event, frozen=True):
    """Somebody took the log out; told before the first entry left. ``format`` is ``csv`` or ``ndjson``."""

    type: ClassVar[str] = "auditlog.exported"
    title: ClassVar[str] = "Audit log exported"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    format: str
    filter: dict[str, str]


class AuditLogCheckpointed(Event, frozen=True):
    """The log of a tenant was signed as it stood: ``digest`` is the chain's at ``position``, in hexadecimal.

    ``signed`` is a JWS (RFC 7515, EdDSA) that says the same; see docs/audit.md.
    """

    type: ClassVar[str] = "auditlog.checkpointed"
    title: ClassVar[str] = "Audit log signed"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    position: int
    digest: str
    signed: str


class AuditLogForgotten(Event, frozen=True):
    """Entries ``first`` to ``last`` of a tenant's log were let go at the end of their time, and signed for before."""

    type: ClassVar[str] = "auditlog.forgotten"
    title: ClassVar[str] = "Old entries of the audit log let go"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    first: int
    last: int
    signed: str


class AuditRetentionChanged(Event, frozen=True):
    """Entries that come from now on are kept for so many ``months``."""

    type: ClassVar[str] = "auditlog.retention_changed"
    title: ClassVar[str] = "Retention of the audit log changed"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    months: int
    former: int


class AuditConsumerCreated(Event, frozen=True):
    """A consumer of the tenant's stream was made, and its credentials were handed out."""

    type: ClassVar[str] = "auditconsumer.created"
    title: ClassVar[str] = "Stream consumer created"
    entity: ClassVar[str] = "consumer"
    consumer: Id
    name: str
    since: Moment | None = None
    """Where it begins; absent when with what is recorded from then on."""


class AuditConsumerReplayed(Event, frozen=True):
    """A consumer begins again at a moment of the past."""

    type: ClassVar[str] = "auditconsumer.replayed"
    title: ClassVar[str] = "Stream consumer replayed"
    entity: ClassVar[str] = "consumer"
    consumer: Id
    name: str
    since: Moment


class AuditConsumerRemoved(Event, frozen=True):
    """A consumer is gone and its credentials are void. ``reason``: ``removed`` or ``tenant_off_boarded``."""

    type: ClassVar[str] = "auditconsumer.removed"
    title: ClassVar[str] = "Stream consumer removed"
    entity: ClassVar[str] = "consumer"
    consumer: Id
    name: str
    reason: str = "removed"
