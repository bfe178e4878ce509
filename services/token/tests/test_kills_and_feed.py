"""A kill lives or dies whole, and the feed numbers it in the order of the commits (real PostgreSQL)."""

import asyncio

import asyncpg
import msgspec
import pytest

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.feed import Entry, Floor, mark
from latchkey_kit import db
from latchkey_kit.testing import eventually
from latchkey_token.feed.heads import Heads
from latchkey_token.store import feed
from latchkey_token.store.kills import kill_connection


async def all_entries(database):
    async with database.connection() as connection:
        return await feed.entries_after(connection, 0, 10_000)


async def events(database):
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at")
    return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]


async def revoked_at(database, connection_id):
    async with database.connection() as connection:
        return await connection.fetchval("SELECT revoked_at FROM connection WHERE id = $1", connection_id)


async def kill(database, outbox, connection_id, **named):
    async with database.transaction() as connection:
        return await kill_connection(
            connection, connection_id=connection_id, reason="disconnected", outbox=outbox, lease=2, **named
        )


async def kill_and_fail(database, outbox, connection_id):
    async with database.transaction() as connection:
        await kill_connection(connection, connection_id=connection_id, reason="disconnected", outbox=outbox, lease=2)
        await connection.execute("SELECT 1 / 0")


async def test_a_kill_is_in_the_row_the_feed_and_the_outbox(database, outbox, given_connection, some_id):
    doomed, admin = await given_connection(), some_id()
    killed = await kill(database, outbox, doomed, by=admin)
    (event,) = await events(database)
    data = msgspec.json.decode(event.data)
    assert await revoked_at(database, doomed) is not None
    assert await all_entries(database) == (Entry(killed.number, "connection", doomed),)
    assert (event.type, event.subject, event.tenantid, event.userid) == (
        "connection.revoked", doomed, killed.tenant, admin,
    )  # fmt: skip
    assert (data["reason"], data["by"], data["client"], data["user"]) == (
        "disconnected", admin, killed.client, killed.user,
    )  # fmt: skip


async def test_a_kill_that_does_not_commit_leaves_nothing(database, outbox, given_connection):
    spared = await given_connection()
    with pytest.raises(asyncpg.DivisionByZeroError):
        await kill_and_fail(database, outbox, spared)
    assert await revoked_at(database, spared) is None
    assert await all_entries(database) == ()
    assert await events(database) == []
    assert (await kill(database, outbox, spared)).number == 1, "the number went to nobody, so it is given again"


async def test_a_dead_connection_is_not_killed_twice(database, outbox, given_connection, some_id):
    doomed = await given_connection()
    assert await kill(database, outbox, doomed) is not None
    assert await kill(database, outbox, doomed) is None
    assert await kill(database, outbox, some_id()) is None
    assert len(await all_entries(database)) == len(await events(database)) == 1


async def test_of_two_kills_at_once_one_is_told(database, outbox, given_connection):
    doomed = await given_connection()
    told = await asyncio.gather(*(kill(database, outbox, doomed) for _ in range(8)))
    assert sum(one is not None for one in told) == 1
    assert len(await all_entries(database)) == len(await events(database)) == 1


async def test_numbers_have_no_gaps_and_each_kill_has_one(database, outbox, given_connection):
    doomed = [await given_connection() for _ in range(60)]

    async def kill_at_last(place, connection_id):
        if place % 5 == 0:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await kill_and_fail(database, outbox, connection_id)
        return await kill(database, outbox, connection_id)

    killed = await asyncio.gather(*(kill_at_last(*one) for one in enumerate(doomed)))
    entries = await all_entries(database)
    assert [entry.number for entry in entries] == list(range(1, 61))
    assert {entry.number: entry.key for entry in entries} == {one.number: one.id for one in killed}


async def test_a_later_number_is_never_visible_before_an_earlier_one(database, outbox, given_connection):
    first, second = await given_connection(), await given_connection()
    async with database.transaction() as connection:
        early = await kill_connection(connection, connection_id=first, reason="replay", outbox=outbox, lease=2)
        waiting = asyncio.create_task(kill(database, outbox, second))
        await _until_somebody_waits_for_the_lock(database)
        assert await all_entries(database) == ()
    late = await waiting
    assert (early.number, late.number) == (1, 2)


async def _until_somebody_waits_for_the_lock(database):
    await _until_somebody_waits(database, "wait_event = 'advisory'")


async def _until_a_reading_waits(database):
    await _until_somebody_waits(database, "wait_event_type = 'Lock' AND query LIKE '%feed_heartbeat%'")


async def _until_somebody_waits(database, how):
    activity = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {how}"  # noqa: S608 - ours
    async with database.connection() as connection:
        await eventually(lambda: connection.fetchval(activity))


async def test_a_page_never_promises_entries_that_it_lacks(database):
    heads, done = Heads(database, page_size=7), asyncio.Event()

    async def write(writer):
        for turn in range(40):
            async with database.transaction() as connection:
                news = [feed.NewEntry("connection", f"{writer}-{turn}-{n}") for n in range(1 + turn % 3)]
                await feed.append(connection, news)

    async def follow():
        copy, head = {}, 0
        while True:
            last_round = done.is_set()
            page = await heads.page(head)
            copy.update({entry.number: entry.key for entry in page.entries})
            assert sorted(copy) == list(range(1, page.head + 1)), "the head is the last of what was told"
            assert len(page.entries) == page.head - head, "and nothing was left out"
            head = page.head
            if last_round and not page.more:
                return copy

    followers = [asyncio.create_task(follow()) for _ in range(4)]
    await asyncio.gather(*map(write, range(4)))
    done.set()
    copies = await asyncio.gather(*followers)
    salt = bytes.fromhex((await heads.page(0)).salt)
    entries = {entry.number: mark(salt, entry.kind, entry.key).hex() for entry in await all_entries(database)}
    assert copies == [entries] * 4


async def test_pages_are_cut_and_say_so(database):
    async with database.transaction() as connection:
        await feed.append(connection, [feed.NewEntry("connection", f"{n}") for n in range(1, 11)])
    heads = Heads(database, page_size=5)
    first, second, beyond = await asyncio.gather(heads.page(0), heads.page(5), heads.page(99))
    assert ([entry.number for entry in first.entries], first.head, first.more) == ([1, 2, 3, 4, 5], 5, True)
    assert ([entry.number for entry in second.entries], second.head, second.more) == ([6, 7, 8, 9, 10], 10, False)
    assert (beyond.entries, beyond.head, beyond.more) == ((), 10, False), (
        "a head below the asker's tells it to start over"
    )
    assert first.epoch == second.epoch == beyond.epoch


async def test_who_asks_while_a_statement_is_under_way_is_answered_by_the_next(database):
    heads = Heads(database)
    async with database.connection() as blocker, blocker.transaction():
        await blocker.execute("SELECT FROM feed_heartbeat FOR UPDATE")
        early = asyncio.create_task(heads.page(0))
        await _until_a_reading_waits(database)
        await append_one(database, "told while the first reading waited")
        late = asyncio.create_task(heads.page(0))
        another = asyncio.create_task(heads.page(1))
        await asyncio.sleep(0)
    assert (await early).head == 0, "its snapshot is older"
    assert (await late).head == (await another).head == 1
    assert len((await late).entries) == 1
    assert (await another).entries == ()


async def append_one(database, key):
    async with database.transaction() as connection:
        return await feed.append(connection, [feed.NewEntry("connection", key)])


async def test_one_who_hangs_up_takes_nobody_along(database):
    heads = Heads(database)
    async with database.connection() as blocker, blocker.transaction():
        await blocker.execute("SELECT FROM feed_heartbeat FOR UPDATE")
        leaver, stayer = asyncio.create_task(heads.page(0)), asyncio.create_task(heads.page(0))
        await _until_a_reading_waits(database)
        leaver.cancel()
    assert (await stayer).head == 0
    with pytest.raises(asyncio.CancelledError):
        await leaver


async def test_a_server_that_cannot_write_cannot_answer(database, database_url):
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    async with db.connect(database_url) as standby:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await Heads(standby).page(0)


async def test_each_answer_commits_a_heartbeat(database):
    async with database.connection() as connection:
        before = await connection.fetchval("SELECT at FROM feed_heartbeat")
        await Heads(database).page(0)
        assert await connection.fetchval("SELECT at FROM feed_heartbeat") > before


async def test_the_epoch_names_the_restore_and_the_timeline(database):
    before = (await Heads(database).page(0)).epoch
    assert (await Heads(database).page(0)).epoch == before
    assert before.endswith(".00000001")
    async with database.connection() as connection:
        await connection.execute("UPDATE feed_state SET restore_id = gen_random_uuid()")
    assert (await Heads(database).page(0)).epoch != before


async def add_floors(database, *floors):
    async with database.transaction() as connection:
        return await feed.append_floors(connection, floors)


async def test_a_floor_only_rises(database):
    floor = [Floor(kind="role", key="r", revision=revision) for revision in range(5)]
    assert await add_floors(database) is None
    assert await add_floors(database, floor[2]) == 1
    assert await add_floors(database, floor[2], floor[1]) is None
    assert await add_floors(database, floor[3], floor[4], Floor(kind="ceiling", key="r", revision=1)) == 3
    told = [(entry.kind, entry.key, entry.value) for entry in await all_entries(database)]
    assert told[0] == ("role", "r", 2)
    assert sorted(told[1:]) == [("ceiling", "r", 1), ("role", "r", 4)]


async def test_the_same_floor_twice_at_once_is_told_once(database):
    floor = Floor(kind="assignment", key="tu", revision=7)
    numbers = await asyncio.gather(*(add_floors(database, floor) for _ in range(6)))
    assert sorted(numbers, key=lambda number: number or 0) == [None] * 5 + [1]
