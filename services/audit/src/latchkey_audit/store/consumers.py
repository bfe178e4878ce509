"""Consumers of a tenant's stream, as its admins see them."""

import datetime as dt
from typing import Final

import asyncpg
import msgspec

from latchkey_kit.db import Connection

MOST: Final = 10
"""Consumers of one tenant at most."""
_COLUMNS = "id, tenant_id, name, created_at, created_by, since, published, acked, run, prepared"
_LOCK = 112590  # any fixed number; the second key is the tenant


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """One that lives. Positions: ``published`` and ``acked`` as the leader last saw them, ``last`` ends the chain."""

    id: str
    tenant_id: str
    name: str
    created_at: dt.datetime
    created_by: str | None
    since: dt.datetime | None
    published: int
    acked: int
    run: int
    prepared: int | None
    last: int

    @property
    def pending(self) -> bool:
        """Whether the streams server has still to learn of it, or of its latest replay."""
        return self.prepared != self.run


async def insert(
    connection: Connection, consumer: str, tenant: str, name: str, *, by: str | None, since: dt.datetime | None
) -> Consumer | None:
    """Make one that begins at ``since``, or now; ``None`` when the tenant has as many as it may."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, tenant)
    count = await connection.fetchval(
        "SELECT count(*) FROM consumer WHERE tenant_id = $1 AND removed_at IS NULL", tenant
    )
    if count >= MOST:
        return None
    last = await _last(connection, tenant)
    after = last if since is None else await _before(connection, tenant, since, last)
    (row,) = await connection.fetch(
        f"INSERT INTO consumer (id, tenant_id, name, created_by, since, made_after, published, acked)"  # noqa: S608 - our own names
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING {_COLUMNS}",
        consumer,
        tenant,
        name,
        by,
        since,
        last,
        after,
    )
    return _consumer(row, last)


async def page(connection: Connection, tenant: str, after: str | None, limit: int) -> list[Consumer]:
    """A tenant's own, in the order in which they were made."""
    last = await _last(connection, tenant)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM consumer"  # noqa: S608 - our own names
        " WHERE tenant_id = $1 AND removed_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant,
        after,
        limit,
    )
    return [_consumer(row, last) for row in rows]


async def get(connection: Connection, tenant: str, consumer: str) -> Consumer | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM consumer WHERE id = $1 AND tenant_id = $2 AND removed_at IS NULL",  # noqa: S608 - our own names
        consumer,
        tenant,
    )
    return _consumer(row, await _last(connection, tenant)) if row else None


async def replay(connection: Connection, tenant: str, consumer: str, since: dt.datetime) -> Consumer | None:
    """Let it begin again at ``since``: what it has of the stream is void. ``None`` for one that is not there."""
    last = await _last(connection, tenant)
    row = await connection.fetchrow(
        "UPDATE consumer SET run = run + 1, since = $3, published = $4, acked = $4"  # noqa: S608 - our own names
        f" WHERE id = $1 AND tenant_id = $2 AND removed_at IS NULL RETURNING {_COLUMNS}",
        consumer,
        tenant,
        since,
        await _before(connection, tenant, since, last),
    )
    return _consumer(row, last) if row else None


async def remove(connection: Connection, tenant: str, consumer: str) -> str | None:
    """Remove it; gives its name, or ``None`` for one that is not there."""
    return await connection.fetchval(  # type: ignore[no-any-return]  # a name
        "UPDATE consumer SET removed_at = clock_timestamp()"
        " WHERE id = $1 AND tenant_id = $2 AND removed_at IS NULL RETURNING name",
        consumer,
        tenant,
    )


async def settled(connection: Connection, consumer: str) -> bool:
    """Whether the streams server is as the database says."""
    return bool(
        await connection.fetchval(
            "SELECT CASE WHEN removed_at IS NULL THEN prepared = run ELSE cleared_at IS NOT NULL END"
            " FROM consumer WHERE id = $1",
            consumer,
        )
    )


async def departed(connection: Connection) -> list[tuple[str, str]]:
    """Consumers, as tenant and id, whose tenant was off-boarded after they were made."""
    rows = await connection.fetch(
        """
        SELECT tenant_id, id FROM consumer WHERE removed_at IS NULL AND EXISTS (
            SELECT FROM event WHERE event.tenant_id = consumer.tenant_id AND action = 'tenant.off_boarded'
                AND position > made_after AND recorded > created_at - interval '1 minute'  -- leaves months out
        )
        """
    )
    return [(row["tenant_id"], row["id"]) for row in rows]


async def _last(connection: Connection, tenant: str) -> int:
    """Where the tenant's chain ends."""
    return await connection.fetchval("SELECT position FROM chain WHERE tenant_id = $1", tenant) or 0


async def _before(connection: Connection, tenant: str, since: dt.datetime, last: int) -> int:
    """Position before the first entry, of those still kept, that was recorded at ``since`` or later.

    Halved, for positions and moments grow together.
    """
    low, high, after = 0, last, last
    while low < high:
        middle = (low + high) // 2
        entry = await connection.fetchrow(
            "SELECT position, recorded FROM event WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT 1",
            tenant,
            middle,
        )
        if entry is None:
            high = middle
        elif entry["recorded"] >= since:
            high, after = middle, entry["position"] - 1
        else:
            low = entry["position"]
    return after


def _consumer(row: asyncpg.Record, last: int) -> Consumer:
    return Consumer(**dict(row), last=last)
