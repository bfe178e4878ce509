"""Where the log stands is signed, once however many instances there are, and told to those who are out of reach."""

import asyncio

import msgspec

from latchkey_contracts.events.audit import AuditLogCheckpointed
from latchkey_contracts.seals import Checkpoint
from latchkey_verify.testing import TENANT

OTHER = "e" * 32


async def test_a_chain_that_grew_is_signed_where_it_stands(kept, make_event):
    await kept.add(make_event(), make_event(after=1), make_event(tenant=OTHER), make_event(tenant=None))
    assert await kept.checkpoints.sign(older=0) == 3
    rows = await kept.fetch("SELECT * FROM checkpoint JOIN chain USING (tenant_id, position, hash)")
    assert {row["tenant_id"]: row["position"] for row in rows} == {TENANT: 2, OTHER: 1, "0" * 32: 1}
    for row in rows:
        said = kept.seals.read(row["signed"], Checkpoint)
        assert (said.tenant, said.position, said.digest) == (row["tenant_id"], row["position"], row["hash"].hex())
    told = await kept.told()
    assert {one.type for one in told} == {"auditlog.checkpointed"}
    assert {one.tenantid for one in told} == {TENANT, OTHER, None}
    mine = next(one for one in told if one.tenantid == TENANT)
    fact = msgspec.json.decode(mine.data, type=AuditLogCheckpointed)
    assert kept.seals.read(fact.signed, Checkpoint).position == fact.position == 2


async def test_what_tells_of_a_checkpoint_calls_for_no_other(kept, make_event):
    await kept.add(make_event())
    await kept.checkpoints.sign(older=0)
    await kept.add(*await kept.told())
    assert await kept.checkpoints.sign(older=0) == 0
    await kept.add(make_event(after=1))
    assert await kept.checkpoints.sign(older=0) == 1


async def test_of_two_instances_one_signs(kept, make_event):
    await kept.add(make_event(), make_event(tenant=OTHER))
    counts = await asyncio.gather(*(kept.instance().sign(older=200) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 2]
    await kept.add(make_event(after=1))
    assert await kept.instance().sign(older=200) == 0
    assert len(await kept.told()) == 2


async def test_many_tenants_are_signed_for(kept, make_event):
    await kept.add(*(make_event(tenant=f"{number:032x}") for number in range(1, 251)))
    assert await kept.checkpoints.sign(older=0) == 250
    (row,) = await kept.fetch("SELECT count(*), count(DISTINCT at) AS times FROM checkpoint")
    assert (row["count"], row["times"]) == (250, 3)


async def test_a_clock_that_was_ahead_keeps_nothing_from_being_signed(kept, make_event):
    await kept.add(make_event())
    assert await kept.checkpoints.sign(older=200) == 1
    async with kept.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE checkpoint SET at = at + interval '1 day'")
    for _ in range(2):
        await kept.add(make_event(after=1))
        assert await kept.checkpoints.sign(older=200) == 1
