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

    def is_over(self, now: dt.datetime) -> bool:
        """Whether even its last entries were kept for their time."""
        year, month = divmod(self.ends.year * 12 + self.ends.month - 1 + self.kept, 12)
        return now >= dt.datetime(year, month + 1, 1, tzinfo=dt.UTC)


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


async def over(connection: Connection, now: dt.datetime) -> list[Month]:
    """Months whose time is over, the oldest first: by the database's clock, and by ours, which says ``now``."""
    rows = await connection.fetch(
        """
        SELECT kept, starts AT TIME ZONE 'UTC' AS starts, (starts + interval '1 month') AT TIME ZONE 'UTC' AS ends
        FROM (
            SELECT split_part(relname, '_', 2)::smallint AS kept,
                to_date(split_part(relname, '_', 3), 'YYYYMM')::timestamp AS starts
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE relnamespace = current_schema()::regnamespace AND relname ~ '^event_[0-9]+_[0-9]{6}$'
        ) AS months
        WHERE (starts + make_interval(months => kept + 1)) AT TIME ZONE 'UTC' <= pg_catalog.clock_timestamp()
        ORDER BY starts, kept
        """
    )
    months = [Month(row["kept"], row["starts"].astimezone(dt.UTC), row["ends"].astimezone(dt.UTC)) for row in rows]
    return [month for month in months if month.is_over(now)]


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
        "SELECT position, recorded, kept, hash, body FROM event WHERE kept = $1 AND recorded >= $2 AND recorded < $3"
        " AND tenant_id = $4 AND position > $5 ORDER BY position LIMIT $6",
        month.kept,
        month.starts,
        month.ends,
        tenant,
        after,
        limit,
    )
    return [Entry(row["position"], row["recorded"], row["kept"], row["hash"], row["body"]) for row in rows]


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


async def noted(connection: Connection, tenant: str, first: int) -> tuple[Stretch, str] | None:
    """What is noted as let go from a position on, and the signature for it. Neither need be of our making."""
    row = await connection.fetchrow("SELECT * FROM forgotten WHERE tenant_id = $1 AND first = $2", tenant, first)
    if row is None:
        return None
    return Stretch(first=first, last=row["last"], before=row["before"], hash=row["hash"]), row["signed"]


async def note(connection: Connection, tenant: str, stretch: Stretch, signed: str, told: OutboxRow) -> None:
    """Keep what is signed for a stretch, and the event that tells of it.

    Raises:
        asyncpg.UniqueViolationError: something is noted of that position.

    """
    await connection.execute(
        """
        WITH noted AS (
            INSERT INTO forgotten (tenant_id, first, last, before, hash, signed) VALUES ($1, $2, $3, $4, $5, $6)
        )
        INSERT INTO outbox (id, subject, body) VALUES ($7, $8, $9)
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
