"""Forgetting what nobody needs: events that all consumers have, and which events took effect here long ago.

Small batches, each a statement of its own, so that no lock is held for long and no transaction grows.
"""

import asyncio
from collections.abc import Sequence

import structlog

from latchkey_kit.db import Connection, Database, will_pass

BATCH = 500
_INBOX_DAYS = 15
"""An event that is sent again to a new stream was published up to a week ago (what a stream keeps), and may lie there
for another week before it is read. A day is for safety."""
_INBOX_SECONDS = 3600
log = structlog.get_logger()


async def purge_outbox(connection: Connection, consumers: Sequence[str], older_than: float) -> int:
    """Forget the oldest events, of one batch at most; returns how many.

    They were published more than ``older_than`` seconds ago, and every one of ``consumers`` has confirmed them. It
    goes in the order of the numbers and stops before the first that must stay. Only for the relay that leads.
    """
    return await connection.fetchval(  # type: ignore[no-any-return]  # a count
        """
        WITH confirmed AS (
            SELECT purged_through AS after, min(coalesce(through, 0)) AS through
            FROM outbox_state CROSS JOIN unnest($1::text[]) AS consumer LEFT JOIN outbox_receipt USING (consumer, epoch)
            GROUP BY purged_through
        ), oldest AS (
            SELECT number, coalesce(published_at < clock_timestamp() - $2 * interval '1 second', false) AS may_go
            FROM outbox, confirmed WHERE number > after AND number <= confirmed.through ORDER BY number LIMIT $3
        ), last AS (
            SELECT coalesce(min(number) FILTER (WHERE NOT may_go) - 1, max(number)) AS number FROM oldest
        ), gone AS (
            DELETE FROM outbox USING confirmed, last
            WHERE outbox.number > confirmed.after AND outbox.number <= last.number
            RETURNING outbox.number
        ), noted AS (
            UPDATE outbox_state SET purged_through = greatest(purged_through, last.number) FROM last
            WHERE last.number IS NOT NULL
        )
        SELECT count(*) FROM gone
        """,
        consumers,
        older_than,
        BATCH,
    )


async def purge_inbox_for_ever(database: Database, durable: str) -> None:
    """Every hour forget which events took effect so long ago that none of them can come again."""
    while True:
        try:
            async with database.connection() as connection:
                while await purge_inbox(connection, durable) == BATCH:
                    pass
        except Exception as error:  # the next hour will do
            if not will_pass(error):
                log.exception("inbox_not_purged")
        await asyncio.sleep(_INBOX_SECONDS)


async def purge_inbox(connection: Connection, durable: str) -> int:
    """Forget one batch; returns how many. Old ids are found by their time (UUIDv7), late events spared by ours."""
    return await connection.fetchval(  # type: ignore[no-any-return]  # a count
        """
        WITH horizon AS (SELECT clock_timestamp() - $2 * interval '1 day' AS at), oldest AS (
            SELECT event_id FROM inbox, horizon
            WHERE durable = $1 AND received_at < horizon.at
              AND event_id < rpad(lpad(to_hex((extract(epoch FROM horizon.at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
            ORDER BY event_id LIMIT $3
        ), gone AS (
            DELETE FROM inbox USING oldest WHERE inbox.durable = $1 AND inbox.event_id = oldest.event_id
            RETURNING inbox.event_id
        )
        SELECT count(*) FROM gone
        """,
        durable,
        _INBOX_DAYS,
        BATCH,
    )
