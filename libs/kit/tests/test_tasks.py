"""A job beside a block of code ends with it, whatever it does."""

import asyncio

import pytest

from latchkey_kit import tasks
from latchkey_kit.tasks import alongside


async def test_a_job_that_swallows_a_cancellation_is_cancelled_again(monkeypatch):
    monkeypatch.setattr(tasks, "_AGAIN_SECONDS", 0.01)
    swallowed = 0
    begun = asyncio.Event()

    async def job():
        nonlocal swallowed
        while True:
            try:
                begun.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    async with alongside(job()):
        await begun.wait()
    assert swallowed == 3


async def test_what_a_job_failed_with_is_raised_at_the_end():
    failed = asyncio.Event()

    async def job():
        failed.set()
        raise LookupError

    with pytest.raises(LookupError):
        async with alongside(job()):
            await failed.wait()
