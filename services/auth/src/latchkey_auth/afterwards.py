"""Work that an answer does not wait for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Afterwards:
    """Runs jobs on the side; a job that fails is logged."""

    def __init__(self) -> None:
        self._jobs: set[asyncio.Task[None]] = set()

    def do(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._done)

    async def finish(self) -> None:
        """Wait for everything that is under way."""
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job_failed", exc_info=error)


@contextlib.asynccontextmanager
async def afterwards() -> AsyncIterator[Afterwards]:
    """Whatever was begun in the block is finished at its end."""
    made = Afterwards()
    try:
        yield made
    finally:
        await made.finish()
