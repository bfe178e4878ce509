"""NATS loses everything that it held: PostgreSQL is the record, so nothing is lost."""

import time

from checks import everything_is_told, the_ledger_holds
from faults import kept_down, wiped
from recovery import recovered, told

LIMIT = 5.0


async def test_nats_store_that_was_wiped_heals(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        gone = time.monotonic()
        with kept_down(rig, "nats", "nats-monitor") as pid:
            wiped(rig.home / "nats" / "jetstream")
        disturbed = await recovered(load.ledger, since=gone, within=20, back=lambda: rig.is_back("nats", pid))
        assert any((rig.home / "nats" / "jetstream").iterdir())
        await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig, within=20)
    report(f"{told(disturbed)}; audit complete {time.monotonic() - gone:.1f} s after the wipe; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(disturbed.values()) <= LIMIT, told(disturbed)
