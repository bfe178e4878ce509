"""`kill -9` of each process of the house, under load."""

import asyncio
import time

import pytest
from checks import everything_is_told, the_ledger_holds
from faults import kill
from recovery import recovered, told

PARTS = (
    "auth", "token", "heads", "client-registry", "permissions", "audit", "edge", "records", "mcp", "console",
    "nats", "streams", "postgres", "gateway",
)  # fmt: skip
LIMIT = 5.0  # seconds until everything goes on as before


@pytest.mark.parametrize("part", PARTS)
async def test_killed_part_is_back_and_nothing_is_lost(rig, load, graveyard, chance, report, part):
    async with load.running() as door:
        await load.warm()
        await asyncio.sleep(chance.uniform(0, 1))  # any moment is a good one
        load.ledger.gateway_starts = part == "gateway"
        killed = time.monotonic()
        pid = kill(rig, part)
        seconds = await recovered(load.ledger, since=killed, within=20, back=lambda: rig.is_back(part, pid))
        assert rig.is_back(part, pid)
        load.ledger.gateway_starts = False
        buried = await graveyard.sweep(door, load.ledger, since=load.begun)
    late = await everything_is_told(rig)
    report(f"{told(seconds)}; audit complete {late:.1f} s later; {buried} dead stay dead; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(seconds.values()) <= LIMIT, told(seconds)
