"""No room left for PostgreSQL or for NATS: a clear sentence, no loss, and all is well when there is room again."""

import asyncio
import os
import time
from collections.abc import Iterator

import pytest
from checks import everything_is_told, the_ledger_holds
from door import Fate
from recovery import recovered, told
from rig import Rig
from small_disks import WITHOUT_ROOT, full, small_disk
from stacks import folder_for_a_stack

from latchkey_kit.testing import eventually
from latchkey_local.home import Home

FOR_POSTGRES, FOR_NATS = 600, 40  # megabytes
FULL = 8.0  # seconds
NO_ROOM = ("no space left", "diskfull", "disk is full", "no room")
LIMIT_OF_POSTGRES, LIMIT_OF_NATS = 10.0, 25.0


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A stack whose PostgreSQL and NATS have small disks of their own."""
    if os.geteuid() != 0:
        pytest.skip(WITHOUT_ROOT)
    with folder_for_a_stack() as stack:
        home = Home(stack.home)
        home.open()
        with small_disk(home.postgres, FOR_POSTGRES), small_disk(home.nats / "jetstream", FOR_NATS):
            try:
                stack.up()
                yield Rig(stack)
            finally:
                stack.run("down")


async def test_full_disk_of_postgres(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        begun = time.monotonic()
        with full(rig.home / "postgres"):
            said = await rig.who_says(NO_ROOM, within=20)
            await asyncio.sleep(FULL)
            unready, room = await rig.readiness(), time.monotonic()
        seconds = await recovered(load.ledger, since=room, within=40)
        await graveyard.sweep(door, load.ledger, since=load.begun)
    late = await everything_is_told(rig)
    failed = [one for one in load.ledger.all() if one.failed and begun < one.sent < room]
    lost = [one for one in failed if one.fate is Fate.LOST]
    report(f"{len(failed)} told to come back ({len(lost)} without our words); said by {said}; not ready: {unready}")
    report(f"with room again: {told(seconds)}; audit complete {late:.1f} s later; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert failed, "the disk was not full"
    assert not lost, f"no 503 of ours: {lost[0]}"
    assert said, "nobody says that the disk is full"
    assert unready, "who cannot write calls itself ready"
    assert max(seconds.values()) <= LIMIT_OF_POSTGRES, told(seconds)


async def test_full_disk_where_postgres_cannot_even_write_ahead(rig, load, graveyard, report):
    """PostgreSQL gives up and starts again until there is room."""
    async with load.running() as door:
        await load.warm()
        pid = rig.pid("postgres")
        with full(rig.home / "postgres"):
            await eventually(lambda: rig.uses_up_wal(pid), timeout=30)
            await asyncio.sleep(FULL)
            room = time.monotonic()
        seconds = await recovered(load.ledger, since=room, within=40, back=lambda: rig.is_back("postgres", pid))
        await graveyard.sweep(door, load.ledger, since=load.begun)
    late = await everything_is_told(rig)
    report(f"with room again: {told(seconds)}; audit complete {late:.1f} s later; {load.ledger.summary()}")
    await the_ledger_holds(rig, load.ledger)
    assert max(seconds.values()) <= LIMIT_OF_POSTGRES, told(seconds)


async def test_full_disk_of_nats_is_nothing_to_those_outside(rig, load, graveyard, report):
    async with load.running() as door:
        await load.warm()
        begun = time.monotonic()
        with full(rig.home / "nats" / "jetstream"):
            said = await rig.who_says(NO_ROOM, within=20)
            await asyncio.sleep(FULL)
            room = time.monotonic()
        disturbed = await recovered(load.ledger, since=begun, within=room - begun + 15)
        await graveyard.sweep(door, load.ledger, since=load.begun)
    await everything_is_told(rig, within=60)
    late = time.monotonic() - room
    report(
        f"{told(disturbed)}; said by {said}; audit complete {late:.1f} s after there was room; {load.ledger.summary()}"
    )
    await the_ledger_holds(rig, load.ledger)
    assert max(disturbed.values()) == 0, told(disturbed)
    assert said, "nobody says that the disk is full"
    assert late <= LIMIT_OF_NATS
