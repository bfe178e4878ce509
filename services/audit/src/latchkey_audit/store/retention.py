"""For how long each log is kept: partitions made ahead, and months whose time is over."""

import datetime as dt

import msgspec

from latchkey_audit.domain.stretches import Entry, Stretch
from latchkey_contracts import chain
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import OutboxRow

LOCK = 0x1A7C8  # any fixed number; the lock is the database's own


class Month(msgspec.Struct, frozen=True):
    """A partition: what was recorded from ``starts`` up to ``ends`` and is kept for ``kept`` months."""

    kept: int
    starts: dt.datetime
    ends: dt.datetime


async def classes(connection: Connection) -> list[int]:
    """For how many months some tenant's entries are kept."""
    return [row["kept"] for row in await connection.fetch("SELECT DISTINCT kept FROM chain")]


async def make_ahead(connection: Connection, kept: int) -> None:
    """Partitions for the month before, for this one and for two more, as far as they are missing."""
    await connection.execute(
        """
        SELECT make_partition($1, month::date) FROM (SELECT now() AT TIME ZONE 'UTC' AS now) AS at,
            generate_series(
                date_trunc('month', now) - interval '1 month', now + interval '2 months', interval '1 month'
            ) AS month
        WHERE to_regclass(format('event_%s_%s', $1, to_char(month, 'YYYYMM'))) IS NULL
        """,
        kept,
    )


async def over(connection: Connection) -> list[Month]:
    """Months whose time is over, the oldest first."""
    rows = await connection.fetch(
        """
        SELECT kept, starts, starts + interval '1 month' AS ends FROM (
            SELECT split_part(relname, '_', 2)::smallint AS kept,
                to_date(split_part(relname, '_', 3), 'YYYYMM')::timestamp AT TIME ZONE 'UTC' AS starts
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE relnamespace = current_schema()::regnamespace AND relname ~ '^event_[0-9]+_[0-9]{6}$'
        ) AS months
        WHERE starts + interval '1 month' + make_interval(months => kept) <= clock_timestamp()
        ORDER BY starts, kept
        """
    )
    return [Month(row["kept"], row["starts"], row["ends"]) for row in rows]


async def next_tenant(connection: Connection, month: Month, after: str | None) -> str | None:
    """The next tenant that has entries there."""
    if after is None:
        return await connection.fetchval(  # type: ignore[no-any-return]  # an id
            "SELECT tenant_id FROM event WHERE kept = $1 AND recorded >= $2 AND recorded < $3"
            " ORDER BY tenant_id LIMIT 1",
            month.kept,
            month.starts,
            month.ends,
        )
    return await connection.fetchval(  # type: ignore[no-any-return]  # an id
        "SELECT tenant_id FROM event WHERE kept = $1 AND recorded >= $2 AND recorded < $3 AND tenant_id > $4"
        " ORDER BY tenant_id LIMIT 1",
        month.kept,
        month.starts,
        month.ends,
        after,
    )


async def entries(connection: Connection, month: Month, tenant: str, after: int, limit: int) -> list[Entry]:
    """A tenant's entries of a month behind a position."""
    rows = await connection.fetch(
        "SELECT position, recorded, hash, body FROM event WHERE kept = $1 AND recorded >= $2 AND recorded < $3"
        " AND tenant_id = $4 AND position > $5 ORDER BY position LIMIT $6",
        month.kept,
        month.starts,
        month.ends,
        tenant,
        after,
        limit,
    )
    return [Entry(row["position"], row["recorded"], row["hash"], row["body"]) for row in rows]


async def hash_at(connection: Connection, tenant: str, position: int) -> bytes | None:
    """The hash of an entry, there or let go; ``None`` when nothing is known of it."""
    if position == 0:
        return chain.GENESIS
    return await connection.fetchval(  # type: ignore[no-any-return]  # bytes
        "SELECT hash FROM event WHERE tenant_id = $1 AND position = $2"
        " UNION ALL SELECT hash FROM forgotten WHERE tenant_id = $1 AND last = $2 LIMIT 1",
        tenant,
        position,
    )


async def note(connection: Connection, tenant: str, stretch: Stretch, signed: str, told: OutboxRow) -> None:
    """Keep what is signed for a stretch, and the event that tells of it, unless that was done before."""
    await connection.execute(
        """
        WITH noted AS (
            INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING RETURNING true
        )
        INSERT INTO outbox (id, subject, body) SELECT $7, $8, $9 FROM noted
        """,
        tenant,
        stretch.first,
        stretch.last,
        stretch.before,
        stretch.hash,
        signed,
        told.id,
        told.subject,
        told.body,
    )


async def drop(connection: Connection, month: Month) -> None:
    """Drop a month; who waits for the lock holds up everybody, so not for long."""
    await connection.execute("SET LOCAL lock_timeout = '200ms'")
    await connection.execute("SELECT drop_partition($1, $2)", month.kept, month.starts.date())


async def kept_for(connection: Connection, tenant: str, usual: int) -> int:
    """For how many months what comes now is kept."""
    kept: int | None = await connection.fetchval("SELECT kept FROM chain WHERE tenant_id = $1", tenant)
    return usual if kept is None else kept


async def keep_for(connection: Connection, tenant: str, months: int, usual: int) -> int:
    """Keep for so many months what comes from now on; returns how many it was before."""
    await connection.execute(
        "INSERT INTO chain (tenant_id, kept) VALUES ($1, $2) ON CONFLICT DO NOTHING", tenant, usual
    )
    former: int = await connection.fetchval("SELECT kept FROM chain WHERE tenant_id = $1 FOR UPDATE", tenant)
    if former != months:
        await make_ahead(connection, months)
        await connection.execute("UPDATE chain SET kept = $2 WHERE tenant_id = $1", tenant, months)
    return former
