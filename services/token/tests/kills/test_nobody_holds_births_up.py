"""A birth or a wide kill that hangs is ended after two seconds, not when the pool's longer patience is over."""

import asyncpg
import pytest

from latchkey_kit import db
from latchkey_token.store import births, kills

STEPS = 8
"""Of half a second each: together longer than two seconds, and shorter than what the pool allows."""


async def hang(database, begin):
    async with database.transaction() as connection:
        if begin == "birth":
            await births.begin(connection, tenant="t", user="u", client="c")
        else:
            await kills.begin(connection)
        for _ in range(STEPS):
            await connection.execute("SELECT pg_sleep(0.5)")


@pytest.mark.parametrize("begin", ["birth", "kill"])
async def test_a_transaction_that_hangs_lets_go_of_the_lock(make_database, begin):
    async with db.connect(make_database("latchkey_token")) as database:
        with pytest.raises((asyncpg.TransactionTimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)):
            await hang(database, begin)
        async with database.transaction() as connection:
            assert await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", births.BIRTHS)
