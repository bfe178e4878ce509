"""Several instances of each service: one of them is killed, and nobody waits for it."""

import asyncio
import time

import pytest
from checks import everything_is_told, the_ledger_holds
from faults import kill
from recovery import longest, recovered, told

from latchkey_kit.testing import eventually

INSTANCES = "2,token=3,heads=3"
SERVICES = ("auth", "token", "heads", "client-registry", "permissions", "audit", "edge", "records", "mcp")
ROUNDS = 8
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
