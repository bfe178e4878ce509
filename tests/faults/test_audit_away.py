"""Audit is away while events pass by the ten thousand, and parts are killed while it catches up: each is there once."""

import asyncio
import time

import pytest
from checks import everything_is_told, the_ledger_holds
from faults import kept_down, kill
from floods import flood, lost_and_doubled, unsent
from kill_times import kill_times

from latchkey_kit.testing import eventually

MANY, FEW = 20_000, 6_000
PULL, MARGIN = 250, 250  # milliseconds: between two pulls of the feed, and for the answers on a busy machine
PATIENCE = 120  # seconds
KILLS = 3


async def test_audit_that_was_away_misses_nothing_and_kills_stay_as_fast(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        usual = await kill_times(load, door)
        with kept_down(rig, "audit", "audit-admin") as pid:
            ids = await flood(rig, MANY)
            times = await kill_times(load, door)
            await eventually(lambda: _all_sent(rig), timeout=PATIENCE)
        back = time.monotonic()
        await eventually(lambda: rig.is_back("audit", pid), timeout=PATIENCE)
        await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig, within=PATIENCE)
    late = time.monotonic() - back
    lost, doubled = await lost_and_doubled(rig, ids)
    report(f"{lost} of {MANY} lost, {doubled} doubled; complete {late:.1f} s after audit was let in again")
    report(f"refused after a kill in {times}, usually in {usual}; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert (lost, doubled) == (0, 0)
    assert times.most <= PULL + MARGIN


@pytest.mark.parametrize("part", ["audit", "nats", "postgres"])
async def test_part_killed_while_audit_catches_up_costs_and_doubles_nothing(rig, load, chance, report, part):
    async with load.running():
        await load.warm()
        ids = await flood(rig, FEW)
        for _ in range(KILLS):
            pid = kill(rig, part)
            await eventually(lambda pid=pid: rig.is_back(part, pid), timeout=PATIENCE)
            await asyncio.sleep(chance.uniform(0, 0.5))
    late = await everything_is_told(rig, within=PATIENCE)
    lost, doubled = await lost_and_doubled(rig, ids)
    report(f"{lost} of {FEW} lost, {doubled} doubled; audit complete {late:.1f} s later; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert (lost, doubled) == (0, 0)


async def _all_sent(rig) -> bool:
    return not await unsent(rig)
