"""Reading a tenant's own events."""

import datetime as dt

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_kit.db import Connection


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the next one starts right behind it."""

    at: Moment
    id: Id

    def __post_init__(self) -> None:
        in_utc(self.at)  # a place that the database cannot be asked about is no place


def position(event: CloudEvent) -> Position:
    return Position(event.time, event.id)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; ``None`` leaves a condition out. ``since`` is included, ``until`` is not."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    action: str | None = None
    user: str | None = None
    client: str | None = None


async def page(
    connection: Connection, tenant: str, wanted: Filter, after: Position | None, limit: int
) -> list[CloudEvent]:
    """A tenant's events, newest first."""
    rows = await connection.fetch(
        """
        SELECT body FROM event
        WHERE tenant_id = $1
          AND ($2::timestamptz IS NULL OR at >= $2)
          AND ($3::timestamptz IS NULL OR at < $3)
          AND ($4::text IS NULL OR action = $4)
          AND ($5::uuid IS NULL OR user_id = $5)
          AND ($6::uuid IS NULL OR client_id = $6)
          AND ($7::timestamptz IS NULL OR (at, id) < ($7, $8::uuid))
        ORDER BY at DESC, id DESC
        LIMIT $9
        """,
        tenant,
        wanted.since,
        wanted.until,
        wanted.action,
        wanted.user,
        wanted.client,
        after.at if after else None,
        after.id if after else None,
        limit,
    )
    return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
