"""A minute without NATS: nobody outside notices, kills take one pull, and audit has everything afterwards."""

import asyncio
import time

from checks import everything_is_told, the_ledger_holds
from faults import kept_down, stopped
from kill_times import kill_times
from recovery import latencies, recovered, slower, told

USUAL = 5.0  # seconds to learn what is usual
PULL = 250  # milliseconds between two pulls of the feed
MARGIN = 250  # for the answers themselves, on a machine that is busy with the load


async def test_house_goes_on_without_nats(rig, load, graveyard, chance, report, request):
    minute = request.config.getoption("--nats-down")
    async with load.running() as door:
        await load.warm()
        await asyncio.sleep(USUAL)
        before = load.begun, time.monotonic()
        with kept_down(rig, "nats", "nats-monitor") as pid:
            gone = time.monotonic()
            times = await kill_times(load, door)
            await asyncio.sleep(minute - (time.monotonic() - gone))
            back = time.monotonic()
        disturbed = await recovered(load.ledger, since=gone, within=minute + 20, back=lambda: rig.is_back("nats", pid))
        buried = await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig, within=60)
    late = time.monotonic() - back
    usual, without = latencies(load.ledger, *before), latencies(load.ledger, gone, back)
    report(f"{minute:.0f} s without NATS: {told(disturbed)}; {slower(usual, without)}")
    report(f"refused after a kill in {times}; audit complete {late:.1f} s after NATS was let in again")
    report(f"{buried} dead stay dead; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(disturbed.values()) == 0, told(disturbed)
    assert times.most <= PULL + MARGIN
    for kind in without.keys() & usual.keys():
        assert without[kind][0] <= 2 * usual[kind][0] + 50, f"{kind}: {without[kind]} ms, usually {usual[kind]} ms"


async def test_nats_that_hangs_is_replaced_and_nobody_notices(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        pid, gone = rig.pid("nats"), time.monotonic()
        with stopped([pid]):
            times = await kill_times(load, door)
            disturbed = await recovered(load.ledger, since=gone, within=45, back=lambda: rig.is_back("nats", pid))
            healed = time.monotonic() - gone
        assert rig.is_back("nats", pid), "the supervisor does not see that it hangs"
        await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig)
    report(f"replaced in {healed:.1f} s; {told(disturbed)}; refused after a kill in {times}; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(disturbed.values()) == 0, told(disturbed)
    assert times.most <= PULL + MARGIN
