"""The database: ids are plain strings, transactions are whole, timeouts come soon, absence is told apart."""

import asyncio
import contextlib

import asyncpg
import pytest
from structlog.testing import capture_logs

from latchkey_embedded import free_port
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.db import will_pass
from latchkey_kit.entropy import new_id
from latchkey_kit.testing import ManualClock, SeededEntropy


async def test_ids_are_strings_in_and_out(database):
    given = new_id(SystemClock(), SeededEntropy())
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT $1::uuid", given) == given
    async with database.session() as connection:
        assert await connection.fetchval("SELECT $1::uuid", given) == given


def test_ids_sort_by_time_and_are_version_7():
    clock, entropy = ManualClock(), SeededEntropy(1)
    made = []
    for _ in range(100):
        made.append(new_id(clock, entropy))
        clock.advance(0.002)
    assert made == sorted(made)
    assert {(one[12], one[16] in "89ab", len(one)) for one in made} == {("7", True, 32)}


async def test_a_failed_transaction_leaves_nothing_and_calls_nobody(database):
    called = []
    database.after_commit(lambda: called.append(1))
    with contextlib.suppress(LookupError):
        async with database.transaction() as connection:
            await connection.execute("UPDATE outbox_state SET last_number = 9")
            raise LookupError
    assert called == []
    async with database.transaction() as connection:
        assert await connection.fetchval("SELECT last_number FROM outbox_state") == 0
    assert called == [1]


async def test_a_cancelled_transaction_gives_its_connection_back(make_database):
    async with db.connect(make_database(), pool=1) as database:
        entered = asyncio.Event()

        async def hang():
            async with database.transaction() as connection:
                await connection.execute("UPDATE outbox_state SET last_number = 9")
                entered.set()
                await connection.execute("SELECT pg_sleep(1)")

        task = asyncio.create_task(hang())
        await entered.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT last_number FROM outbox_state") == 0


async def test_a_database_that_is_away_does_not_keep_a_service_from_starting():
    async with db.connect(f"postgresql://u:p@127.0.0.1:{free_port()}/none") as database:
        with pytest.raises(db.UNREACHABLE) as error:
            async with database.connection():
                pass
        assert will_pass(error.value)
        assert await database.problem() == "PostgreSQL cannot be used: ConnectionRefusedError"


async def test_a_connection_that_was_cut_is_replaced(make_database):
    async with db.connect(make_database(), pool=1) as database:
        async with database.connection() as connection:
            with pytest.raises(db.UNREACHABLE) as error:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        assert will_pass(error.value)
        assert await database.problem() is None


async def test_what_comes_from_a_value_does_not_pass(database):
    async with database.connection() as connection:
        for text in ("\ud800", "\x00"):
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as error:
                await connection.fetchval("SELECT $1::text", text)
            assert not will_pass(error.value)


_NO_ROOM = "DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"


async def test_who_cannot_write_is_not_ready_until_there_is_room(database, monkeypatch):
    assert await database.problem() is None
    with pytest.raises(asyncpg.DiskFullError):
        async with database.transaction() as connection:
            await connection.execute(_NO_ROOM)
    with monkeypatch.context() as full:
        full.setattr(db, "_ROOM", _NO_ROOM)
        for _ in range(2):
            assert await database.problem() == "PostgreSQL cannot write: its disk is full"
    assert await database.problem() is None
    with monkeypatch.context() as full:
        full.setattr(db, "_ROOM", _NO_ROOM)
        assert await database.problem() is None, "who had no trouble writes nothing to find out"


async def test_what_is_committed_is_no_failure_though_the_connection_fails_on_its_way_back(make_database, monkeypatch):
    async def hangs(_connection, *, timeout):  # noqa: ASYNC109 - the driver's
        raise TimeoutError(timeout)

    async with db.connect(make_database()) as database:
        async with database.connection() as connection:
            await connection.execute("CREATE TABLE kept (id integer)")
        with monkeypatch.context() as slow, capture_logs() as logs:
            slow.setattr(asyncpg.Connection, "reset", hangs)
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO kept VALUES (1)")
        assert [(line["event"], line["reason"]) for line in logs] == [("connection_dropped", "TimeoutError")]
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM kept") == 1
