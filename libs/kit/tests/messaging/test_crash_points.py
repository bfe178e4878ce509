"""Wherever a process dies, nothing acknowledged is lost, nothing takes effect twice, and no number is left out."""

import asyncio

import pytest

from latchkey_kit import crash

WRITER = ["after_commit", "after_numbering", "after_publish"]
READER = ["after_commit", "before_ack", "after_ack"]
TIMES = (1, 2, 5)


@pytest.mark.parametrize("point", WRITER)
async def test_a_writer_that_dies_loses_and_doubles_nothing(processes, bus, point):
    await processes.start("read")
    for times in TIMES:
        writer = await processes.start("write", f"{point}:{times}")
        await _operate_until_death(processes, writer, writer)
        await writer.died_by_itself()
    last = await processes.start("write")
    for _ in range(5):
        assert await processes.operate(last)
    await processes.nothing_is_lost_or_doubled(bus)
    assert len(processes.ledger) > len(TIMES)


@pytest.mark.parametrize("point", READER)
async def test_a_reader_that_dies_loses_and_doubles_nothing(processes, bus, point):
    writer = await processes.start("write")
    for times in TIMES:
        reader = await processes.start("read", f"{point}:{times}")
        await _operate_until_death(processes, writer, reader)
        await reader.died_by_itself()
    await processes.start("read")
    await processes.nothing_is_lost_or_doubled(bus)


async def _operate_until_death(processes, writer, mortal):
    """Go on a little slower than one pass of the relay lasts, so that its batches stay small."""
    for _ in range(500):
        if not mortal.alive or not await processes.operate(writer):
            return
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("text", ["", "nowhere", "before_ack:0", "before_ack:x", "before_ack:-1", "before_ack:²", ":2"])
def test_a_point_that_does_not_exist_is_refused(text):
    with pytest.raises(ValueError, match="crash point"):
        crash.arm(text)


def test_points_that_are_not_armed_do_nothing():
    for name in crash.POINTS:
        crash.point(name)
