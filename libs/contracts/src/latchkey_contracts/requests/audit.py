"""Requests to the audit service."""

from typing import ClassVar, Literal

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.base import Ask

Months = Literal[1, 3, 6, 12, 24, 36, 60, 84, 120]


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """Months for which what comes is kept; ``former`` is what it was before, if somebody changed it."""

    months: int
    former: int | None = None


class TenantRetention(Ask[Retained], frozen=True):
    """Keep for so many months what is recorded of a tenant from now on; what is recorded already keeps its time."""

    path: ClassVar[str] = "/internal/retention"
    answer: ClassVar[type] = Retained
    tenant: Id
    months: Months


class RetentionOf(Ask[Retained], frozen=True):
    """For how long is kept what is recorded of a tenant now."""

    path: ClassVar[str] = "/internal/retention/of"
    answer: ClassVar[type] = Retained
    tenant: Id


EVENTS_OF_TENANT = "/internal/audit-events"
"""The operator reads a tenant's log, which tells the tenant. ``GET``, as ``/v1/audit-events``, with ``tenant`` (id)."""
STREAM_OF_TENANT = "/internal/audit-events/stream"
"""As ``/v1/audit-events/stream``."""
