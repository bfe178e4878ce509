"""What the publisher reads and notes: which consumers there are, what waits for them, and how far each is."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from latchkey_audit.domain import streaming as rules
from latchkey_audit.domain.streaming import Entry, Mark
from latchkey_kit.db import Connection

BATCH: Final = 256
"""Entries for one consumer at a time."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer as the publisher knows it. ``last`` is where the chain of its tenant ends.

    ``ready``: the streams server knows of it, and of its latest run.
    """

    id: str
    tenant_id: str
    run: int
    removed: bool
    ready: bool
    published: int
    acked: int
    last: int


_FEEDS = """
    SELECT id, tenant_id, run, removed_at IS NOT NULL AS removed, prepared IS NOT DISTINCT FROM run AS ready,
        published, acked, coalesce(position, 0) AS last
    FROM consumer LEFT JOIN chain USING (tenant_id)
"""


async def living(connection: Connection) -> list[Feed]:
    return await _feeds(connection, f"{_FEEDS} WHERE removed_at IS NULL")


async def due(connection: Connection) -> list[Feed]:
    """Those for whom there is something to do: removed and not cleared, not ready, or behind the log."""
    return await _feeds(
        connection,
        f"{_FEEDS} WHERE removed_at IS NULL AND (prepared IS DISTINCT FROM run OR published < position)"
        " OR removed_at IS NOT NULL AND cleared_at IS NULL ORDER BY id",
    )


async def ready(connection: Connection, feed: Feed) -> None:
    await connection.execute("UPDATE consumer SET prepared = $2 WHERE id = $1 AND run = $2", feed.id, feed.run)


async def cleared(connection: Connection, feed: Feed) -> None:
    await connection.execute("UPDATE consumer SET cleared_at = clock_timestamp() WHERE id = $1", feed.id)


async def _feeds(connection: Connection, statement: str) -> list[Feed]:
    return [Feed(**dict(row)) for row in await connection.fetch(statement)]


async def entries(connection: Connection, wanted: Sequence[tuple[Feed, int]]) -> dict[str, list[Entry]]:
    """For each consumer its next entries up to a position, a batch at most."""
    rows = await connection.fetch(
        """
        SELECT wanted.id, position, recorded, kept, action, hash, body
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS wanted (id, tenant_id, after, through)
        CROSS JOIN LATERAL (
            SELECT position, recorded, kept, action, hash, body FROM event
            WHERE event.tenant_id = wanted.tenant_id AND position > after AND position <= through
            ORDER BY position LIMIT $5
        ) AS next
        ORDER BY wanted.id, position
        """,
        [feed.id for feed, _ in wanted],
        [feed.tenant_id for feed, _ in wanted],
        [feed.published for feed, _ in wanted],
        [through for _, through in wanted],
        BATCH,
    )
    found: dict[str, list[Entry]] = {feed.id: [] for feed, _ in wanted}
    for row in rows:
        consumer, *about = row.values()
        found[consumer].append(Entry(**dict(zip(Entry.__struct_fields__, about, strict=True))))
    return found


async def advance(connection: Connection, reached: Iterable[tuple[Feed, int]]) -> None:
    """The stream has all up to these positions, unless the consumer was told to begin again meanwhile."""
    done = list(reached)
    await connection.execute(
        "UPDATE consumer SET published = t.through"
        " FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS t (id, run, through)"
        " WHERE consumer.id = t.id AND consumer.run = t.run AND published < t.through",
        [feed.id for feed, _ in done],
        [feed.run for feed, _ in done],
        [through for _, through in done],
    )


async def holds(connection: Connection, feed: Feed, mark: Mark) -> bool:
    """Whether the log has the entry that the stream took."""
    statement = "SELECT hash FROM event WHERE tenant_id = $1 AND position = $2"
    return bool(await connection.fetchval(statement, feed.tenant_id, mark.position) == mark.hash)


async def held(connection: Connection, feed: Feed) -> tuple[int, int]:
    """Up to which position a consumer's entries are published, and the bytes of those that it has not acknowledged."""
    row = await connection.fetchrow(
        """
        SELECT published, (
            SELECT coalesce(sum(octet_length(body) + $2), 0)::bigint FROM event
            WHERE event.tenant_id = consumer.tenant_id AND position > acked AND position <= published
        ) FROM consumer WHERE id = $1
        """,
        feed.id,
        rules.AROUND,
    )
    return (row[0], row[1]) if row else (feed.published, 0)


async def set_back(connection: Connection) -> int:
    """Set back consumers that are beyond the end of their log; returns how many there were."""
    told = await connection.execute(
        """
        UPDATE consumer SET published = ends.position, acked = least(acked, ends.position)
        FROM (SELECT id, coalesce(position, 0) AS position FROM consumer LEFT JOIN chain USING (tenant_id)) AS ends
        WHERE consumer.id = ends.id AND removed_at IS NULL AND published > ends.position
        """
    )
    return int(told.split()[-1])


async def acknowledged(connection: Connection, feed: Feed, through: int) -> None:
    await connection.execute(
        "UPDATE consumer SET acked = $3 WHERE id = $1 AND run = $2 AND acked < $3 AND $3 <= published",
        feed.id,
        feed.run,
        through,
    )


async def again(connection: Connection, consumers: Sequence[str] | None = None) -> int:
    """Send again what these consumers, or all, have not acknowledged: what the stream held for them is lost."""
    told = await connection.execute(
        "UPDATE consumer SET run = run + 1, published = acked"
        " WHERE removed_at IS NULL AND prepared IS NOT NULL AND ($1::uuid[] IS NULL OR id = ANY($1))",
        consumers,
    )
    return int(told.split()[-1])


async def see(connection: Connection, created: str, sequence: int) -> bool:
    """Note which stream there is and where it ends; whether it has lost what was published to the one before."""
    former = await connection.fetchrow("SELECT created, sequence FROM stream_state")
    await connection.execute("UPDATE stream_state SET created = $1, sequence = $2", created, sequence)
    return former is not None and former["created"] is not None and (
        former["created"] != created or former["sequence"] > sequence
    )  # fmt: skip
