"""Gathering: what arrives while a statement is under way goes with the next one; nothing waits when idle."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

import structlog

from latchkey_kit.clock import Clock
from latchkey_kit.db import UNREACHABLE

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
Run = Callable[[Sequence[ItemT]], Awaitable[Sequence[ResultT | None]]]
"""Does a batch in one transaction: a result or ``None`` for each, in order. It raises :class:`OutcomeUnknownError`
when the batch may have been committed; any other error means that nothing was."""
log = structlog.get_logger()


class OutcomeUnknownError(Exception):
    """The statement may have been committed, or may still be."""


class DroppedError(Exception):
    """The caller waited too long or hung up, and was not sent."""


class _Waiter(Generic[ItemT, ResultT]):
    def __init__(self, item: ItemT, since: float, gone: Callable[[], bool]) -> None:
        self.item = item
        self.since = since
        self.gone = gone
        self.future: asyncio.Future[ResultT | None] = asyncio.get_running_loop().create_future()

    def settle(self, result: ResultT | None) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Gather(Generic[ItemT, ResultT]):
    """Callers join; one worker runs batches, one after the other.

    Items with the same ``key`` never share a batch. Once one of them has a result, the others that wait get ``None``:
    there is nothing left to win. While none has, the next one tries. ``patience`` in seconds.
    """

    def __init__(
        self,
        run: "Run[ItemT, ResultT]",
        *,
        key: Callable[[ItemT], Hashable],
        clock: Clock,
        limit: int = 256,
        patience: float = 2.0,
    ) -> None:
        self._run = run
        self._key = key
        self._clock = clock
        self._limit = limit
        self._patience = patience
        self._waiting: list[_Waiter[ItemT, ResultT]] = []
        self._worker: asyncio.Task[None] | None = None

    async def join(self, item: ItemT, gone: Callable[[], bool]) -> ResultT | None:
        """Wait for the item's turn and its result.

        Raises:
            DroppedError: not sent.
            OutcomeUnknownError: sent, and nobody knows.

        """
        waiter = _Waiter[ItemT, ResultT](item, self._clock.boot(), gone)
        self._waiting.append(waiter)
        if self._worker is None or self._worker.done():
            # A context of its own: the batch is no one caller's request.
            self._worker = asyncio.get_running_loop().create_task(self._work(), context=contextvars.Context())
        return await waiter.future

    async def _work(self) -> None:
        while batch := self._next_batch():
            await self._serve(batch)

    def _next_batch(self) -> list[_Waiter[ItemT, ResultT]]:
        oldest = self._clock.boot() - self._patience
        batch: dict[Hashable, _Waiter[ItemT, ResultT]] = {}
        left = []
        for waiter in self._waiting:
            key = self._key(waiter.item)
            if waiter.future.done() or waiter.since < oldest or waiter.gone():
                waiter.fail(DroppedError())
            elif key in batch or len(batch) >= self._limit:
                left.append(waiter)
            else:
                batch[key] = waiter
        self._waiting = left
        return list(batch.values())

    async def _serve(self, batch: list[_Waiter[ItemT, ResultT]]) -> None:
        try:
            results = await self._run([waiter.item for waiter in batch])
        except Exception as error:  # noqa: BLE001 - each caller gets it, or tries alone
            await self._after_failure(batch, error)
            return
        won = set()
        for waiter, result in zip(batch, results, strict=True):
            waiter.settle(result)
            if result is not None:
                won.add(self._key(waiter.item))
        self._settle_twins(won)

    def _settle_twins(self, won: set[Hashable]) -> None:
        left = []
        for waiter in self._waiting:
            if self._key(waiter.item) in won:
                waiter.settle(None)
            else:
                left.append(waiter)
        self._waiting = left

    async def _after_failure(self, batch: list[_Waiter[ItemT, ResultT]], error: Exception) -> None:
        # A value that cannot be sent is a ValueError, too, whatever else it is: that is one caller's trouble.
        same_for_all = isinstance(error, (OutcomeUnknownError, *UNREACHABLE)) and not isinstance(error, ValueError)
        if len(batch) == 1 or same_for_all:
            for waiter in batch:
                waiter.fail(error)
            return
        log.warning("batch_failed", size=len(batch), reason=type(error).__name__)
        for waiter in batch:
            await self._serve([waiter])
