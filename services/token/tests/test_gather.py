"""Many callers, few statements, and no caller pays for a neighbour."""

import asyncio

import pytest

from latchkey_kit.testing import ManualClock, eventually
from latchkey_token.rotation.gather import DroppedError, Gather, OutcomeUnknownError


def here():
    return False


class Statement:
    """Records batches; each waits until it is let go."""

    def __init__(self, answer=str.upper):
        self.batches = []
        self.answer = answer
        self.gate = asyncio.Event()

    async def __call__(self, items):
        self.batches.append(list(items))
        await self.gate.wait()
        return [self.answer(item) for item in items]


def gather(statement, clock=None, **settings):
    return Gather(statement, key=lambda item: item[0], clock=clock or ManualClock(), **settings)


async def started(statement):
    await eventually(lambda: statement.batches)


async def all_of(*tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_caller_is_served_at_once():
    statement = Statement()
    statement.gate.set()
    assert await gather(statement).join("a", here) == "A"


async def test_what_comes_meanwhile_goes_together():
    statement = Statement()
    gathered = gather(statement)
    first = asyncio.create_task(gathered.join("a", here))
    await started(statement)
    others = [asyncio.create_task(gathered.join(item, here)) for item in "bcd"]
    await asyncio.sleep(0)
    statement.gate.set()
    assert await all_of(first, *others) == ["A", "B", "C", "D"]
    assert statement.batches == [["a"], ["b", "c", "d"]]


async def test_work_is_taken_up_again_after_a_pause():
    statement = Statement()
    statement.gate.set()
    gathered = gather(statement)
    assert [await gathered.join("a", here), await gathered.join("b", here)] == ["A", "B"]


async def test_a_batch_has_a_limit():
    statement = Statement()
    gathered = gather(statement, limit=2)
    tasks = [asyncio.create_task(gathered.join(item, here)) for item in "abcde"]
    statement.gate.set()
    assert await all_of(*tasks) == list("ABCDE")
    assert max(map(len, statement.batches)) == 2


async def test_twins_never_share_a_batch_and_lose_to_the_winner():
    statement = Statement()
    gathered = gather(statement)
    tasks = [asyncio.create_task(gathered.join(item, here)) for item in ("a1", "a2", "b1", "a3")]
    statement.gate.set()
    assert await all_of(*tasks) == ["A1", None, "B1", None]
    assert statement.batches == [["a1", "b1"]]


async def test_when_the_first_twin_fails_by_its_own_fault_the_next_one_tries():
    statement = Statement(lambda item: None if item == "a1" else item.upper())
    gathered = gather(statement)
    tasks = [asyncio.create_task(gathered.join(item, here)) for item in ("a1", "a2", "a3")]
    statement.gate.set()
    assert await all_of(*tasks) == [None, "A2", None]


async def test_who_waited_too_long_or_hung_up_is_not_sent():
    statement, clock = Statement(), ManualClock()
    gathered = gather(statement, clock, patience=2)
    first = asyncio.create_task(gathered.join("a", here))
    await started(statement)
    late, gone = (asyncio.create_task(gathered.join(*ask)) for ask in (("b", here), ("c", lambda: True)))
    await asyncio.sleep(0)
    clock.advance(2.5)
    fresh = asyncio.create_task(gathered.join("d", here))
    await asyncio.sleep(0)
    statement.gate.set()
    assert (await first, await fresh) == ("A", "D")
    for task in (late, gone):
        with pytest.raises(DroppedError):
            await task
    assert statement.batches == [["a"], ["d"]]


async def test_a_bad_neighbour_fails_alone():
    async def run(items):
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]

    gathered = gather(run)
    tasks = [asyncio.create_task(gathered.join(item, here)) for item in ("x", "bad", "y")]
    good, bad, fine = await all_of(*tasks)
    assert (good, fine) == ("X", "Y")
    assert isinstance(bad, ValueError)


@pytest.mark.parametrize("error", [OutcomeUnknownError(), OSError("away")])
async def test_what_is_unknown_or_away_is_never_sent_again(error):
    batches = []

    async def run(items):
        batches.append(items)
        raise error

    gathered = gather(run)
    results = await all_of(*(asyncio.create_task(gathered.join(item, here)) for item in ("x", "y")))
    assert results == [error, error]
    assert len(batches) == 1


async def test_a_cancelled_caller_leaves_the_others_in_peace():
    statement = Statement()
    gathered = gather(statement)
    first = asyncio.create_task(gathered.join("a", here))
    await started(statement)
    second, third = (asyncio.create_task(gathered.join(item, here)) for item in "bc")
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    statement.gate.set()
    assert await third == "C"
    assert statement.batches == [["a"], ["c"]]
