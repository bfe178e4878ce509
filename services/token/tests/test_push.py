"""Feed entries reach whoever listens, after the commit and not before (real PostgreSQL and NATS)."""

import msgspec
import pytest

from latchkey_contracts.feed import PUSH_SUBJECT, Page, mark
from latchkey_kit import db
from latchkey_kit.messaging import bus
from latchkey_kit.testing import eventually
from latchkey_token.feed.push import pushing
from latchkey_token.store import feed


@pytest.fixture
async def nats_bus(nats):
    async with bus.connecting(nats, "", "", "token") as made:
        await made.up.wait()
        yield made


@pytest.fixture
async def heard(nats_bus):
    """The entries that a verifier has been pushed so far."""
    entries = []
    await nats_bus.subscribe(PUSH_SUBJECT, lambda body: entries.extend(msgspec.json.decode(body, type=Page).entries))
    return entries


@pytest.fixture
async def marks(database):
    """What stands for the keys of connections."""
    async with database.connection() as connection:
        _, salt = await feed.state(connection)
    return lambda *keys: [mark(salt, "connection", key).hex() for key in keys]


async def append(database, *keys):
    async with database.transaction() as connection:
        return await feed.append(connection, [feed.NewEntry("connection", key) for key in keys])


async def test_what_was_committed_is_pushed_once_and_in_order(database, nats_bus, heard, marks):
    await append(database, "before the start")
    async with pushing(database, database, nats_bus):
        await append(database, "a", "b")
        await append(database, "c")
        await eventually(lambda: len(heard) >= 3)
    assert [(entry.number, entry.key) for entry in heard] == list(zip((2, 3, 4), marks("a", "b", "c"), strict=True))


async def test_nothing_is_pushed_before_its_commit(database, nats_bus, heard, marks):
    async with pushing(database, database, nats_bus):
        async with database.transaction() as connection:
            await feed.append(connection, [feed.NewEntry("connection", "late")])
            async with database.transaction() as other:  # another commit wakes it
                await other.execute("SELECT 1")
            await _many_round_trips(database)
            assert heard == []
        await eventually(lambda: heard)
    assert [heard[0].key] == marks("late")


async def _many_round_trips(database):
    for _ in range(20):
        async with database.connection() as connection:
            await connection.execute("SELECT 1")


async def test_a_reading_that_fails_does_not_end_the_pushing(database, database_url, nats_bus, heard, marks):
    async with db.connect(database_url, application="reader") as reader, pushing(database, reader, nats_bus):
        await append(database, "a")
        await eventually(lambda: len(heard) == 1)
        async with database.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'reader'"
            )
        await append(database, "b")

        async def told_all_up_to_now():
            await append(database, "one more commit, which wakes it")
            return [entry.key for entry in heard][:2] == marks("a", "b")

        await eventually(told_all_up_to_now)
