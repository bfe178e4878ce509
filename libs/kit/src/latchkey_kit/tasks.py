"""A job that runs beside a block of code, and ends with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any


@contextlib.asynccontextmanager
async def alongside(job: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run an endless job in the background for the time of the block; at its end the job is cancelled."""
    task = asyncio.create_task(job)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
