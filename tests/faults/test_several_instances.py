"""Two instances of each service: one of them is killed, and nobody waits for it."""

import asyncio
import time

import pytest
from checks import everything_is_told, the_ledger_holds
from faults import kill
from recovery import recovered, told

INSTANCES = 2
SERVICES = ("auth", "token", "heads", "client-registry", "permissions", "audit", "edge", "records", "mcp")
A_MOMENT = 1.0  # seconds, in which who is refused and asks again is served


@pytest.mark.parametrize("service", SERVICES)
async def test_killed_instance_is_not_missed(rig, load, graveyard, chance, report, service):
    part = chance.choice((service, f"{service}-2"))
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
