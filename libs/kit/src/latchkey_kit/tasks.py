"""A job that runs beside a block of code, and ends with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

_AGAIN_SECONDS = 0.5


@contextlib.asynccontextmanager
async def alongside(job: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run an endless job in the background for the time of the block; at its end the job is cancelled."""
    task = asyncio.create_task(job)
    try:
        yield
    finally:
        # More than once: before Python 3.12 wait_for, which drivers use, swallows a cancellation that meets its result.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=_AGAIN_SECONDS)
        if not task.cancelled():
            task.result()
