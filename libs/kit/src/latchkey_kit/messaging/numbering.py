"""Numbers for events: without gaps, given after the row is visible."""

from latchkey_kit import crash
from latchkey_kit.db import Connection

_PATIENCE = 600.0
"""Seconds, for what touches every row."""


async def waiting(connection: Connection) -> int:
    """How many events are committed that NATS has not taken."""
    count: int = await connection.fetchval(
        "SELECT (SELECT count(*) FROM outbox WHERE number IS NULL)"
        " + (SELECT count(*) FROM outbox WHERE number IS NOT NULL AND published_at IS NULL)"
    )
    return count


async def number(connection: Connection, limit: int) -> int:
    """Give the next numbers to at most ``limit`` visible rows, and commit; returns how many."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE number IS NULL)"):
        return 0
    async with connection.transaction():
        # The row lock comes first and the rows are read by a later statement: a second relay cannot number them too.
        last = await connection.fetchval("SELECT last_number FROM outbox_state FOR UPDATE")
        count: int = await connection.fetchval(
            """
            WITH batch AS (
                SELECT id, row_number() OVER (ORDER BY created_at, id) AS place
                FROM (SELECT id, created_at FROM outbox WHERE number IS NULL ORDER BY created_at, id LIMIT $2) waiting
            ), numbered AS (
                UPDATE outbox SET number = $1 + place FROM batch WHERE outbox.id = batch.id RETURNING outbox.id
            )
            SELECT count(*) FROM numbered
            """,
            last,
            limit,
        )
        await connection.execute("UPDATE outbox_state SET last_number = $1", last + count)
    crash.point("after_numbering")
    return count


async def start_new_epoch(connection: Connection) -> None:
    """Number everything anew in an epoch of its own, and send it again, for a database that came from a backup.

    Numbers given since the backup were lost with it, and readers know them. Whoever has an event knows it by its id.
    """
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute("SET LOCAL transaction_timeout = 0")
    await connection.execute(
        "UPDATE outbox_state SET epoch = gen_random_uuid(), last_number = 0, purged_through = 0,"
        " resend_after = 0, resend_through = 0, asked = '{}', gone = '{}'"
    )
    await connection.execute(
        "UPDATE outbox SET number = NULL, published_at = NULL WHERE number IS NOT NULL", timeout=_PATIENCE
    )
