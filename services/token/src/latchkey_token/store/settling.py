"""When a number of the feed is in force everywhere, and which numbers concern nobody any more."""

from latchkey_kit.db import Connection


async def settle(connection: Connection, *, lease: float) -> int:
    """Write `effective_at` of what is in force by now; returns how many numbers that were.

    A number is in force when every verifier that may hold a lease has asked with that number applied, and in any case
    a ``lease`` (seconds) after its commit. Who was not heard of within a lease holds none. Numbers follow the order of
    the commits, so with one all earlier ones are in force, whatever a clock that was set back says. A commit is known
    to be past when its entry is first seen here: when it was written, it was not yet told.
    """
    await connection.execute(
        """
        UPDATE feed SET committed_by = clock_timestamp() FROM feed_state
        WHERE number > feed_state.settled AND committed_by IS NULL
        """
    )
    settled: int = await connection.fetchval(
        """
        WITH heard AS (
            SELECT coalesce(min(applied), 0) AS applied FROM verifier
            WHERE asked_at > clock_timestamp() - $1::double precision * interval '1 second'
        ), over AS (
            SELECT coalesce(max(number), 0) AS number FROM feed, feed_state
            WHERE number > settled AND committed_by < clock_timestamp() - $1 * interval '1 second'
        ), told AS (
            UPDATE feed SET effective_at = CASE WHEN feed.number <= heard.applied THEN clock_timestamp()
                ELSE committed_by + $1 * interval '1 second' END
            FROM heard, over, feed_state
            WHERE feed.number > feed_state.settled AND effective_at IS NULL
              AND feed.number <= greatest(heard.applied, over.number)
            RETURNING feed.number
        ), moved AS (
            UPDATE feed_state SET settled = (SELECT max(number) FROM told)
            WHERE settled < (SELECT max(number) FROM told)
        )
        SELECT count(*) FROM told
        """,
        lease,
    )
    return settled


async def is_settled(connection: Connection) -> bool:
    """Whether every number is known to be in force."""
    settled: bool = await connection.fetchval("SELECT settled >= last_number FROM feed_state")
    return settled


async def move_horizon(connection: Connection, *, margin: int) -> int:
    """Pass over what only tokens knew that have expired since, ``margin`` seconds ago at least; returns the horizon.

    Verifiers that were not heard of for a day are forgotten.
    """
    await connection.execute("DELETE FROM verifier WHERE asked_at < clock_timestamp() - interval '1 day'")
    horizon: int = await connection.fetchval(
        """
        UPDATE feed_state SET horizon = greatest(horizon, coalesce((
            SELECT max(number) FROM feed
            WHERE at < clock_timestamp() - (longest_token + $1) * interval '1 second'
        ), 0)) RETURNING horizon
        """,
        margin,
    )
    return horizon
