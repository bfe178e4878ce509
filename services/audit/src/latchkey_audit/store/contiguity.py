"""How far each source's events are here without a gap."""

import msgspec

from latchkey_kit.db import Connection

STRETCH = 10_000
"""Numbers looked at by one statement."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of a source's epoch up to ``through`` are here; ``then`` is the next that is, behind a gap."""

    source: str
    epoch: str
    through: int
    then: int | None = None


async def reaches(connection: Connection) -> list[Reach]:
    """Every source and epoch that was ever heard of, as far as it is known. One look into the index for each."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE heard AS (
            (SELECT source, epoch FROM event WHERE epoch IS NOT NULL ORDER BY source, epoch LIMIT 1)
            UNION ALL
            SELECT next.source, next.epoch FROM heard CROSS JOIN LATERAL (
                SELECT source, epoch FROM event
                WHERE (source, epoch) > (heard.source, heard.epoch) AND epoch IS NOT NULL
                ORDER BY source, epoch LIMIT 1
            ) AS next
        )
        SELECT source, epoch, coalesce(through, 0) AS through FROM heard FULL JOIN contiguity USING (source, epoch)
        """
    )
    return [Reach(source=row["source"], epoch=row["epoch"], through=row["through"]) for row in rows]


async def advance(connection: Connection, known: Reach) -> Reach:
    """Look on from what is known, and note it: to the first gap, or to the end of what is here."""
    reach = known
    while True:
        row = await connection.fetchrow(
            """
            SELECT max(number) FILTER (WHERE number - place = $3) AS through,
                min(number) FILTER (WHERE number - place > $3) AS then,
                count(*) AS looked_at
            FROM (
                SELECT number, row_number() OVER (ORDER BY number) AS place FROM (
                    (SELECT number FROM event WHERE source = $1 AND epoch = $2 AND number > $3 ORDER BY number LIMIT $4)
                    UNION
                    (SELECT number FROM renumbered
                        WHERE source = $1 AND epoch = $2 AND number > $3 ORDER BY number LIMIT $4)
                    ORDER BY number LIMIT $4
                ) AS ahead
            ) AS placed
            """,
            reach.source,
            reach.epoch,
            reach.through,
            STRETCH,
        )
        if row is None:
            break
        reach = msgspec.structs.replace(reach, through=row["through"] or reach.through, then=row["then"])
        if reach.then is not None or row["looked_at"] < STRETCH:
            break
    if reach.through > known.through:
        await connection.execute(
            """
            INSERT INTO contiguity AS known (source, epoch, through) VALUES ($1, $2, $3)
            ON CONFLICT (source, epoch) DO UPDATE SET through = greatest(known.through, EXCLUDED.through)
            """,
            reach.source,
            reach.epoch,
            reach.through,
        )
    return reach
