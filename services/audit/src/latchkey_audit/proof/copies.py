"""Where checkpoints are copied to, out of reach of whoever owns the database.

A copy says itself how far it has come, so what could not be written is written as soon as it can be, and one that was
lost is written anew.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_kit.tasks import alongside

_LOOK_SECONDS: Final = 10.0


class Copy(Protocol):
    """A file, or a stream."""

    def add(self, signed: Sequence[Checkpoint]) -> None:
        """These were signed just now; they wait for the next attempt."""

    async def attempt(self) -> None:
        """Write what is not there yet; raises nothing."""


class Copies:
    """Each goes on by itself: one that hangs holds up no other."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self._copies = [(one, asyncio.Event()) for one in copies]

    def add(self, signed: Sequence[Checkpoint]) -> None:
        """Write these, which were signed just now: as they were, not as the database has them."""
        for one, wake in self._copies:
            one.add(signed)
            wake.set()

    async def attempt(self) -> None:
        """Write once, to each."""
        await asyncio.gather(*(one.attempt() for one, _ in self._copies))

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write for the time of the block. Other instances' checkpoints are written, too."""
        async with contextlib.AsyncExitStack() as stack:
            for one, wake in self._copies:
                await stack.enter_async_context(alongside(_keep(one, wake)))
            yield


async def _keep(one: Copy, wake: asyncio.Event) -> None:
    while True:
        wake.clear()
        await one.attempt()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await wake.wait()
