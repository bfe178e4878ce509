"""Behind a kill of many: rows are marked, and each tenant is told once, with the right count, whatever goes wrong."""

import asyncio

import msgspec
import pytest

from latchkey_contracts.events import CloudEvent
from latchkey_kit.testing import eventually
from latchkey_token.kills.sweeping import Sweep
from latchkey_token.store import kills, settling, sweep
from latchkey_token.store.kills import Cut, kill_connection
from latchkey_token.store.sweep import BATCH


@pytest.fixture
def sql(database):
    async def run(statement, *values):
        async with database.connection() as connection:
            return await connection.fetch(statement, *values)

    return run


@pytest.fixture
def born(sql, given_connection):
    """Many living connections like one: of its client and user, in its tenant. Returns their number with that one."""

    async def make(count, **fields):
        like = await given_connection(**fields)
        await sql(
            """
            INSERT INTO connection (id, tenant_id, user_id, client_id, expires_at, rotated_at, generation,
                redirect_uri_sent, redirect_hash, document, current_hash, nonce, resources)
            SELECT gen_random_uuid(), tenant_id, user_id, client_id, expires_at, rotated_at, generation,
                redirect_uri_sent, redirect_hash, document, current_hash, nonce, resources
            FROM connection, generate_series(2, $2) WHERE id = $1
            """,
            like, count,
        )  # fmt: skip
        return like

    return make


@pytest.fixture
def cut(database):
    async def kill(*named, reason="test.cut"):
        async with database.transaction() as connection:
            await kills.begin(connection)
            cuts = [Cut(kind=kind, key=key, source="token", reason=reason) for kind, key in named]
            return await kills.kill_many(connection, cuts)

    return kill


@pytest.fixture
def in_force(database):
    async def settle():
        async with database.connection() as connection:
            await settling.settle(connection, lease=0.0)

    return settle


@pytest.fixture
def summaries(sql):
    """Tenant, number and count of every summary that was told."""

    async def read():
        rows = await sql("SELECT body FROM outbox ORDER BY created_at, id")
        events = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
        data = [(one.tenantid, msgspec.json.decode(one.data)) for one in events if one.type == "connection.all_cut"]
        return sorted((tenant, one["number"], one["connections"]) for tenant, one in data)

    return read


async def all_swept(sql):
    return not await sql("SELECT 1 FROM kill WHERE NOT swept")


async def sweep_all(database, outbox, sql, instances=1):
    """Let some instances sweep until nothing is left."""
    tasks = [asyncio.create_task(Sweep(database, outbox).run()) for _ in range(instances)]
    try:
        await eventually(lambda: all_swept(sql))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_rows_are_marked_and_every_tenant_is_told_its_own_count(
    database, outbox, sql, some_id, given_client, born, cut, in_force, summaries
):
    client, (here, there) = await given_client(), sorted([some_id(), some_id()])
    await born(1_200, tenant=here, client=client)
    await born(30, tenant=there, client=client)
    await born(5, tenant=here)
    number = await cut(("client", client))
    await in_force()
    await sweep_all(database, outbox, sql)
    assert await summaries() == [(here, number, 1_200), (there, number, 30)]
    (kill,) = await sql("SELECT at, reason FROM kill")
    marked = await sql("SELECT client_id, revoked_at, revoked_reason FROM connection WHERE revoked_at IS NOT NULL")
    assert {(row["client_id"], row["revoked_at"], row["revoked_reason"]) for row in marked} == {
        (client, kill["at"], kill["reason"])
    }
    assert len(marked) == 1_230
    assert await sql("SELECT 1 FROM kill_count") == []


async def test_only_the_living_are_counted(
    database, outbox, sql, some_id, given_client, given_connection, cut, in_force, summaries
):
    tenant, client = some_id(), await given_client()
    whose = {"tenant": tenant, "client": client}
    ((now,),) = await sql("SELECT clock_timestamp()")
    await given_connection(**whose)
    await given_connection(**whose, generation=0, rotated_at=None)
    await given_connection(**whose, expires_at=now)
    killed = await given_connection(**whose)
    async with database.transaction() as connection:
        await kill_connection(connection, connection_id=killed, reason="cut", outbox=outbox, lease=2)
    number = await cut(("client", client))
    later = await given_connection(**whose)
    await in_force()
    await sweep_all(database, outbox, sql)
    assert await summaries() == [(tenant, number, 1)]
    ((living,),) = await sql("SELECT count(*) FROM connection WHERE revoked_at IS NULL")
    assert living == 1
    assert (await sql("SELECT revoked_at FROM connection WHERE id = $1", later))[0]["revoked_at"] is None


async def test_nothing_is_told_before_it_is_in_force(database, outbox, sql, born, some_id, cut, in_force, summaries):
    tenant = some_id()
    await born(3, tenant=tenant)
    await cut(("tenant", tenant))
    sweeping = Sweep(database, outbox)
    task = asyncio.create_task(sweeping.run())
    await eventually(lambda: sql("SELECT 1 FROM kill_count WHERE dead = 3"))
    assert await summaries() == []
    await in_force()
    sweeping.wake()
    await eventually(lambda: all_swept(sql))
    task.cancel()
    assert await summaries() == [(tenant, 1, 3)]


class CrashError(Exception):
    """The process is gone in the middle of a transaction."""


async def step(database, *, crash):
    async with database.transaction() as connection:
        kill = await sweep.next_kill(connection)
        more = await sweep.mark(connection, kill)
        if crash:
            raise CrashError
        return more


async def count_and_crash(database, expected):
    async with database.transaction() as connection:
        kill = await sweep.next_kill(connection)
        await sweep.mark(connection, kill)
        assert await sweep.counts(connection, kill) == expected
        await sweep.done(connection, kill)
        raise CrashError


async def test_a_crash_in_the_middle_counts_nothing_twice(
    database, outbox, sql, born, some_id, cut, in_force, summaries
):
    tenant = some_id()
    await born(2_300, tenant=tenant)
    await cut(("tenant", tenant))
    for _ in range(2):
        with pytest.raises(CrashError):
            await step(database, crash=True)
        assert await step(database, crash=False)
    assert (await sql("SELECT dead FROM kill_count"))[0]["dead"] == 2 * BATCH
    await in_force()
    await sweep_all(database, outbox, sql)
    assert await summaries() == [(tenant, 1, 2_300)]


async def test_a_crash_while_telling_tells_once(database, outbox, sql, born, some_id, cut, in_force, summaries):
    tenant = some_id()
    await born(10, tenant=tenant)
    await cut(("tenant", tenant))
    await step(database, crash=False)
    await in_force()
    with pytest.raises(CrashError):
        await count_and_crash(database, {tenant: 10})
    await sweep_all(database, outbox, sql)
    assert await summaries() == [(tenant, 1, 10)]


async def test_a_cut_of_the_same_key_in_the_middle_of_a_sweep_keeps_the_count(
    database, outbox, sql, born, some_id, given_client, cut, in_force, summaries
):
    tenant, client = some_id(), await given_client()
    await born(1_500, tenant=tenant, client=client)
    await cut(("client", client))
    assert await step(database, crash=False)
    await born(200, tenant=tenant, client=client)
    second = await cut(("client", client))
    await in_force()
    await sweep_all(database, outbox, sql)
    assert await summaries() == [(tenant, second, 1_700)]


async def test_a_cut_of_the_same_key_after_its_sweep_tells_of_those_born_since(
    database, outbox, sql, born, some_id, given_client, cut, in_force, summaries
):
    tenant, client = some_id(), await given_client()
    for number, count in ((1, 40), (2, 2)):
        await born(count, tenant=tenant, client=client)
        assert await cut(("client", client)) == number
        await in_force()
        await sweep_all(database, outbox, sql)
    assert await summaries() == [(tenant, 1, 40), (tenant, 2, 2)]


async def test_who_died_of_two_kills_is_counted_once(
    database, outbox, sql, born, some_id, given_client, cut, in_force, summaries
):
    tenant, client = some_id(), await given_client()
    await born(50, tenant=tenant, client=client)
    await born(7, tenant=tenant)
    await cut(("client", client), ("tenant", tenant), ("all", ""))
    await in_force()
    await sweep_all(database, outbox, sql, instances=3)
    told = await summaries()
    assert sum(count for _, _, count in told) == 57
    assert len({(owner, number) for owner, number, _ in told}) == len(told), "once for each tenant and kill"


async def test_two_instances_at_once_tell_each_tenant_once(
    database, outbox, sql, born, some_id, given_client, cut, in_force, summaries
):
    tenants, clients = [some_id() for _ in range(3)], [await given_client() for _ in range(4)]
    for tenant in tenants:
        for client in clients:
            await born(150, tenant=tenant, client=client)
    await cut(*(("client", client) for client in clients))
    await in_force()
    await sweep_all(database, outbox, sql, instances=2)
    told = await summaries()
    assert len(told) == len({(tenant, number) for tenant, number, _ in told}) == 12
    assert {count for _, _, count in told} == {150}


async def test_a_kill_that_is_being_swept_is_left_to_who_sweeps_it(database, born, some_id, cut):
    first, second = some_id(), some_id()
    await born(1, tenant=first)
    await born(1, tenant=second)
    await cut(("tenant", first))
    await cut(("tenant", second))
    async with database.transaction() as one, database.transaction() as other:
        found = [await sweep.next_kill(one), await sweep.next_kill(other)]
    assert [kill.key for kill in found] == [first, second]


async def test_a_refresh_that_is_under_way_and_the_sweep_wait_for_each_other_in_no_circle(house, database):
    """A running service: refreshes of a client's connections, and the sweep behind the cut of that client."""
    app = await house.app()
    answers = [await house.connected(app) for _ in range(30)]
    refreshing = [asyncio.create_task(house.refresh(app, one.body["refresh_token"])) for one in answers]
    await house.changed(app, turn=2)
    refreshed = await asyncio.gather(*refreshing)
    assert {one.status for one in refreshed} <= {200, 400, 503}, "late ones are told to come again"
    await eventually(lambda: all_swept(house.sql))
    ((living,),) = await house.sql("SELECT count(*) FROM connection WHERE revoked_at IS NULL")
    assert living == 0
