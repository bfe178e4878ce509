"""Several instances of each service: one of them is killed, and nobody waits for it."""

import asyncio
import time

import pytest
from checks import answered_again, everything_is_told, the_ledger_holds
from faults import kill, stopped, with_children
from load import Load
from recovery import longest, recovered, told

from latchkey_kit.testing import eventually

INSTANCES = "2,token=3,heads=3"
SERVICES = ("auth", "token", "heads", "client-registry", "permissions", "audit", "edge", "records", "mcp", "console")
ROUNDS = 8
REFRESHERS, HANGS, STATEMENT = 20, 3, 5.5  # a statement is given up after five seconds
A_MOMENT = 1.0  # seconds, in which who is refused and asks again is served


@pytest.mark.parametrize("service", SERVICES)
async def test_killed_instance_is_not_missed(rig, load, graveyard, chance, report, service):
    part = chance.choice([name for name in rig.parts() if name == service or name[:-2] == service])
    async with load.running() as door:
        await load.warm()
        await asyncio.sleep(chance.uniform(0, 1))  # any moment is a good one
        killed = time.monotonic()
        pid = kill(rig, part)
        seconds = await recovered(load.ledger, since=killed, within=20, back=lambda: rig.is_back(part, pid))
        assert rig.is_back(part, pid)
        buried = await graveyard.sweep(door, load.ledger, since=load.begun)
    late = await everything_is_told(rig)
    report(
        f"{part}: {told(seconds)}; audit complete {late:.1f} s later; {buried} dead stay dead; {load.ledger.summary()}"
    )
    await the_ledger_holds(rig, load.ledger)
    assert max(seconds.values()) <= A_MOMENT, told(seconds)


async def test_instances_of_token_are_killed_in_turn(rig, load, graveyard, chance, report):
    """Often enough to meet exchanges under way: what they cost is counted, and who has a retry window pays nothing."""
    async with load.running() as door:
        await load.warm()
        begun = time.monotonic()
        for part in chance.choices(("token", "token-2", "token-3"), k=ROUNDS):
            pid = kill(rig, part)
            await eventually(lambda part=part, pid=pid: rig.is_back(part, pid))
            await asyncio.sleep(chance.uniform(0, 0.5))
        await recovered(load.ledger, since=begun, within=time.monotonic() - begun + 10)
        seconds = longest(load.ledger, begun)
        buried = await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig)
    report(f"{ROUNDS} kills; at the longest: {told(seconds)}; {buried} dead stay dead; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(seconds.values()) <= A_MOMENT, told(seconds)


async def test_lost_commit_is_no_theft_to_another_instance(rig, graveyard, chance, report):
    """PostgreSQL hangs while it commits: who asks again is sent to an instance that knows nothing of it."""
    load = Load(rig.demo, graveyard, chance, run=f"run{chance.getrandbits(40):010x}", refreshers=REFRESHERS)
    async with load.running(), rig.slow_commits(microseconds=50_000):
        await load.warm()
        for _ in range(HANGS):
            await asyncio.sleep(chance.uniform(1, 1.5))
            with stopped(with_children(rig.pid("postgres"))):
                await asyncio.sleep(STATEMENT)
            back = time.monotonic()
        seconds = await recovered(load.ledger, since=back, within=15)
    await everything_is_told(rig)
    again = await answered_again(rig, load.ledger)
    report(f"{again} exchanges made good; {HANGS} hangs; after the last: {told(seconds)}; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert again, "no commit was under way when PostgreSQL hung: this has shown nothing"
