"""Sending again what a consumer lacks: the numbers that its receipts ask for, as far as the outbox still has them.

What is asked for is one set, whoever asks and however often. The relay that leads sends a batch of it between batches
of what is new, and only while the stream has room to spare.
"""

from collections.abc import Sequence

import asyncpg
import msgspec
import structlog

from latchkey_kit.db import Connection

log = structlog.get_logger()


class Stretch(msgspec.Struct, frozen=True):
    """The first rows of what is asked for, in order, and all numbers that this settles once they are sent.

    ``wanted`` is what was asked for up to there: what of it is in no row is here no more.
    """

    rows: Sequence[asyncpg.Record]
    here: Sequence[int]
    wanted: str
    epoch: str


async def ask(connection: Connection, epoch: str, missing: Sequence[tuple[int, int]]) -> None:
    """Note the numbers that a consumer lacks; ranges with both ends. What was never told is left out."""
    await connection.execute(
        """
        UPDATE outbox_state AS now SET asked = now.asked + new.numbers
        FROM (
            SELECT range_agg(int8range(first, last, '[]')) * int8multirange(int8range(1, last_number, '[]')) - gone
                AS numbers
            FROM outbox_state, unnest($2::bigint[], $3::bigint[]) AS t (first, last)
            WHERE first <= last GROUP BY last_number, gone
        ) AS new
        WHERE now.epoch = $1 AND NOT now.asked @> new.numbers
        """,
        epoch,
        [first for first, _ in missing],
        [last for _, last in missing],
    )


async def stretch(connection: Connection, limit: int) -> Stretch | None:
    """What to send next, ``limit`` rows at most; ``None`` when nothing is asked for."""
    asked = await connection.fetchrow(
        "SELECT asked::text AS numbers, epoch FROM outbox_state WHERE NOT isempty(asked)"
    )  # fmt: skip
    if asked is None:
        return None
    rows = await connection.fetch(
        """
        SELECT number, id, subject, body, published_at IS NOT NULL AS published, $3::uuid AS epoch
        FROM unnest($1::text::int8multirange) AS part CROSS JOIN LATERAL (
            SELECT number, id, subject, body, published_at FROM outbox
            WHERE number >= lower(part) AND number < upper(part) ORDER BY number LIMIT $2
        ) AS held
        ORDER BY number LIMIT $2
        """,
        asked["numbers"],
        limit,
        asked["epoch"],
    )
    wanted = asked["numbers"]
    if len(rows) == limit:
        wanted = await _through(connection, wanted, rows[-1]["number"])
    return Stretch([row for row in rows if row["published"]], [row["number"] for row in rows], wanted, asked["epoch"])


async def sent(connection: Connection, done: Stretch, through: int | None = None) -> None:
    """Note that a stretch was sent again, up to ``through`` if not to its end, and tell once of what is gone."""
    wanted = done.wanted if through is None else await _through(connection, done.wanted, through)
    lost = await connection.fetchval(
        """
        UPDATE outbox_state AS now
        SET asked = now.asked - $1::text::int8multirange, gone = now.gone + former.lost
        FROM (
            SELECT $1::text::int8multirange - here.numbers - gone AS lost
            FROM outbox_state, (
                SELECT coalesce(range_agg(int8range(number, number, '[]')), '{}') AS numbers
                FROM unnest($2::bigint[]) AS number
            ) AS here
        ) AS former
        WHERE now.epoch = $3 RETURNING CASE WHEN NOT isempty(former.lost) THEN former.lost::text END
        """,
        wanted,
        done.here,
        done.epoch,
    )
    if lost:
        log.error("events_gone", numbers=lost[:1000])


async def _through(connection: Connection, numbers: str, last: int) -> str:
    return await connection.fetchval(  # type: ignore[no-any-return]  # text
        "SELECT ($1::text::int8multirange * int8multirange(int8range(NULL, $2, '[]')))::text", numbers, last
    )
