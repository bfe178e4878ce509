"""One of several instances leads: whoever holds a session lock of the database."""

import asyncio

from latchkey_kit.db import Connection

_STANDBY_SECONDS = 0.5


async def lead(connection: Connection, lock: int) -> None:
    """Wait for the lock; the connection, a session of its own, keeps it. ``lock`` is any number, the database's own.

    A leader that is frozen, or cut off from PostgreSQL, loses the connection and with it the lock: PostgreSQL ends a
    session that says nothing for five seconds.
    """
    await connection.execute("SET idle_session_timeout = '5s'")
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):  # noqa: ASYNC110 - no event of ours
        await asyncio.sleep(_STANDBY_SECONDS)
