"""An event loop in a thread of its own: what outlives a test's loop runs here."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class Background:
    """Runs coroutines for synchronous callers. The thread lasts until ``close``: child processes die with it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="latchkey-testing", daemon=True)
        self._thread.start()

    def run(self, job: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Wait for a coroutine. The calling thread's own loop, if any, stands still meanwhile."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
