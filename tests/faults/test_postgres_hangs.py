"""PostgreSQL that holds its lines and says nothing: everybody is told to come back, and nothing piles up."""

import asyncio
import statistics
import time

from checks import everything_is_told, the_ledger_holds
from door import Fate
from faults import stopped, with_children
from recovery import recovered, told

HANGS = 10.0  # seconds
ANSWERED = 6.0  # seconds: nobody waits longer for a no
LIMIT = 2.0


async def test_hanging_postgres_costs_503s_and_nothing_else(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        gone = time.monotonic()
        with stopped(with_children(rig.pid("postgres"))):
            await asyncio.sleep(HANGS)
            back = time.monotonic()
        seconds = await recovered(load.ledger, since=back, within=15)
        buried = await graveyard.sweep(door, load.ledger, since=load.begun)
    late = await everything_is_told(rig)
    failed = [one for one in load.ledger.all() if one.failed and gone < one.sent < back]
    waited = [one.ended - one.sent for one in failed]
    slow = {one.kind: f"{one.ended - one.sent:.1f} s" for one in sorted(failed, key=lambda one: one.ended - one.sent)}
    report(
        f"{len(failed)} told to come back, after {statistics.median(waited):.2f} s, at the slowest {slow};"
        f" when it went on: {told(seconds)}"
    )
    report(f"audit complete {late:.1f} s later; {buried} dead stay dead; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert not [one for one in failed if one.fate is Fate.LOST], "no 503 of ours"
    assert max(waited) <= ANSWERED
    assert max(seconds.values()) <= LIMIT, told(seconds)
