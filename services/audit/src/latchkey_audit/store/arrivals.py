"""Which of each source's events are here, by their numbers."""

import datetime as dt

import msgspec

from latchkey_kit.db import Connection

MOST_HOLES = 50
Stretch = tuple[int, int]
"""The first number and the last."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of a source's epoch up to ``through`` are here; ``holes`` are the first that later ones jumped over.

    What lies in the dead letters of this service is no hole, but it is not here either.
    """

    source: str
    epoch: str
    through: int
    since: dt.datetime
    """When the epoch was heard of first."""
    holes: tuple[Stretch, ...] = ()
    missing: int = 0
    """Numbers in all holes."""


async def reaches(connection: Connection, durable: str) -> list[Reach]:
    """Every source and epoch that was ever heard of."""
    rows = await connection.fetch(
        """
        SELECT known.source, known.epoch, since,
            coalesce((SELECT upper(one) - 1 FROM unnest(known.numbers) AS one WHERE lower(one) = 1), 0) AS through,
            ARRAY(SELECT ARRAY[lower(one), upper(one) - 1] FROM unnest(holes) AS one LIMIT $2) AS holes,
            (SELECT coalesce(sum(upper(one) - lower(one)), 0)::bigint FROM unnest(holes) AS one) AS missing
        FROM arrived AS known
        LEFT JOIN (
            SELECT source, epoch, range_agg(int8range(number, number, '[]')) AS numbers
            FROM dead_letter WHERE durable = $1 AND number IS NOT NULL GROUP BY source, epoch
        ) AS parked USING (source, epoch)
        CROSS JOIN LATERAL (
            SELECT int8multirange(int8range(1, upper(known.numbers))) - known.numbers
                - coalesce(parked.numbers, '{}') AS holes
        ) AS missed
        ORDER BY since
        """,
        durable,
        MOST_HOLES,
    )
    return [
        Reach(
            source=row["source"],
            epoch=row["epoch"],
            through=row["through"],
            since=row["since"],
            holes=tuple((first, last) for first, last in row["holes"]),
            missing=row["missing"],
        )
        for row in rows
    ]
