"""``effective_at``: when a number is in force everywhere; and the horizon, below which it concerns nobody."""

import datetime as dt

import pytest

from latchkey_kit.testing import eventually
from latchkey_token.feed.heads import Heads
from latchkey_token.store import feed, keys, settling

FOREVER = 100_000.0


@pytest.fixture
def append(database):
    async def add(*keys):
        async with database.transaction() as connection:
            return await feed.append(connection, [feed.NewEntry("connection", key) for key in keys])

    return add


@pytest.fixture
def settle(database):
    async def run(lease=FOREVER):
        async with database.connection() as connection:
            return await settling.settle(connection, lease=lease)

    return run


@pytest.fixture
def sql(database):
    async def run(statement, *values):
        async with database.connection() as connection:
            return await connection.fetch(statement, *values)

    return run


async def test_what_every_verifier_has_applied_is_in_force(database, append, settle, sql):
    heads = Heads(database)
    await append("one", "two")
    await heads.page(0, "edge", 1)
    await heads.page(0, "mcp", 2)
    assert await settle() == 1, "the first of the two"
    await heads.page(0, "edge", 2)
    assert await settle() == 1
    assert await settle() == 0
    rows = await sql("SELECT at, effective_at FROM feed ORDER BY number")
    assert all(row["effective_at"] >= row["at"] for row in rows)


async def test_who_has_not_applied_it_holds_it_up_until_a_lease_is_over(database, append, settle, sql):
    await append("one")
    await Heads(database).page(0, "edge", 0)
    assert await settle() == 0
    await sql("UPDATE feed SET committed_by = committed_by - interval '2 seconds'")
    assert await settle(lease=1.5) == 1
    (row,) = await sql("SELECT effective_at - committed_by AS after FROM feed")
    assert row["after"] == dt.timedelta(seconds=1.5)


async def test_a_commit_that_took_its_time_is_not_in_force_before_a_lease_after_it(append, settle, sql):
    await append("one")
    await sql("UPDATE feed SET at = at - interval '1 hour'")
    assert await settle(lease=60.0) == 0, "nobody could hear of it before now"


async def test_who_was_not_heard_of_within_a_lease_has_none_and_holds_nothing_up(database, append, settle, sql):
    heads = Heads(database)
    await append("one")
    await heads.page(0, "asleep", 0)
    await sql("UPDATE verifier SET asked_at = asked_at - interval '1 hour'")
    await heads.page(0, "awake", 1)
    assert await settle(lease=60.0) == 1


async def test_while_nobody_is_heard_only_time_settles(append, settle, sql):
    await append("one")
    assert await settle(lease=60.0) == 0
    await sql("UPDATE feed SET committed_by = committed_by - interval '61 seconds'")
    assert await settle(lease=60.0) == 1


async def test_a_clock_that_was_set_back_leaves_nothing_behind(append, settle, sql):
    """The later number seems to be the older one: with it the earlier is in force as well."""
    await append("one")
    await append("two")
    assert await settle(lease=60.0) == 0
    await sql("UPDATE feed SET committed_by = committed_by + interval '1 hour' WHERE number = 1")
    await sql("UPDATE feed SET committed_by = committed_by - interval '1 hour' WHERE number = 2")
    assert await settle(lease=60.0) == 2
    assert await sql("SELECT 1 FROM feed WHERE effective_at IS NULL") == []


async def test_it_is_known_whether_all_is_settled(database, append, settle):
    async def is_settled():
        async with database.connection() as connection:
            return await settling.is_settled(connection)

    assert await is_settled()
    await append("one")
    assert not await is_settled()
    await settle(lease=0.0)
    assert await is_settled()


async def test_a_running_service_settles_by_what_its_verifiers_say(house):
    """Its own verifier pulls: well before the lease that was promised as the latest."""
    await house.lease((await house.connected(await house.app())).body["access_token"])
    applied = await house.turn("user", house.new_id(), 1)
    rows = await eventually(lambda: house.sql("SELECT at, effective_at FROM feed WHERE effective_at IS NOT NULL"))
    assert rows[0]["at"] <= rows[0]["effective_at"] <= applied.effective_at


async def horizon_of(database, margin):
    async with database.connection() as connection:
        return await settling.move_horizon(connection, margin=margin)


async def test_entries_older_than_the_longest_token_leave_snapshots(database, append, sql):
    await append("old", "also old", "young")
    await sql("UPDATE feed SET at = at - interval '3901 seconds' WHERE number < 3")
    assert await horizon_of(database, 300) == 2
    page = await Heads(database).page(0)
    assert ([entry.number for entry in page.entries], page.head, page.horizon) == ([3], 3, 2)
    assert len(await sql("SELECT 1 FROM feed")) == 3, "PostgreSQL keeps them"


async def test_the_longest_token_that_there_ever_was_moves_the_horizon_back(database, append, sql):
    await append("old")
    await sql("UPDATE feed SET at = at - interval '3901 seconds'")
    async with database.connection() as connection:
        await keys.reach(connection, 86_400)
        await keys.reach(connection, 60)
    assert await horizon_of(database, 300) == 0
    await sql("UPDATE feed SET at = at - interval '1 day'")
    assert await horizon_of(database, 300) == 1


async def test_the_horizon_never_goes_back(database, append, sql):
    await append("old")
    await sql("UPDATE feed SET at = at - interval '2 hours'")
    assert await horizon_of(database, 300) == 1
    async with database.connection() as connection:
        await keys.reach(connection, 86_400)
    assert await horizon_of(database, 300) == 1


async def test_the_dead_stay_dead_beyond_the_horizon(house, database):
    """Verifiers forget; the rows of kills never do."""
    app = await house.app()
    answer = await house.connected(app)
    await house.changed(app, turn=2)
    await house.sql("UPDATE feed SET at = at - interval '1 year'")
    assert await horizon_of(database, 300) == 1
    assert (await Heads(database).page(0)).entries == ()
    assert (await house.refresh(app, answer.body["refresh_token"])).error == (400, "invalid_grant")


async def test_verifiers_that_are_long_gone_are_forgotten(database, sql):
    heads = Heads(database)
    await heads.page(0, "gone", 0)
    await sql("UPDATE verifier SET asked_at = asked_at - interval '2 days'")
    await heads.page(0, "here", 0)
    await horizon_of(database, 300)
    assert [row["name"] for row in await sql("SELECT name FROM verifier")] == ["here"]
