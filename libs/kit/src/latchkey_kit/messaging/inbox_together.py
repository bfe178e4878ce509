"""From NATS into this service, many events a transaction: for whoever keeps all of them and knows each by itself."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from nats.aio.msg import Msg

from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging import reading
from latchkey_kit.messaging.bus import AWAY, Bus
from latchkey_kit.messaging.dead_letters import DeadLetters, Unreadable
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.messaging.pulling import MOST_BYTES, OnNewStream, Pulling
from latchkey_kit.messaging.settling import Settling, passes
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble

BATCH = 512
"""Taken together at most."""
_BREATH = 32
"""Read without a pause at most: whoever waits for the database goes on in between."""
T = TypeVar("T")
Prepare = Callable[[Delivery], T]
"""Reads of an event what takes effect, without the database; what it raises parks the event."""
ApplyAll = Callable[[Connection, Sequence[T]], Awaitable[None]]
"""Called in one transaction with what came together, in order. It sees itself to each taking effect once."""


class _Waiting(Generic[T]):
    """What has been read and not been taken: up to two batches, the last pull and what waited before."""

    def __init__(self) -> None:
        self._queue: deque[tuple[Msg, T]] = deque()
        self._size = 0
        self._changed = asyncio.Condition()

    async def put(self, some: Sequence[tuple[Msg, T]]) -> None:
        """Add them at the end, once there is less than a batch."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._queue) < BATCH and self._size < MOST_BYTES)
            self._queue.extend(some)
            self._size += sum(len(message.data) for message, _ in some)
            self._changed.notify_all()

    async def batch(self) -> list[tuple[Msg, T]]:
        """Give what is there, waiting for the first only."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._queue))
            taken, size = [self._queue.popleft()], 0
            while self._queue and len(taken) < BATCH and size < MOST_BYTES:
                size += len(taken[-1][0].data)
                taken.append(self._queue.popleft())
            self._size -= sum(len(message.data) for message, _ in taken)
            self._changed.notify_all()
        return taken


class InboxTogether(Generic[T]):
    """Takes what has arrived in one transaction, and reads meanwhile what comes next. A lone one waits for no other."""

    def __init__(
        self, database: Database, prepare: Prepare[T], apply_all: ApplyAll[T], settling: Settling, trouble: Trouble
    ) -> None:
        self._database = database
        self._prepare = prepare
        self._apply_all = apply_all
        self._settling = settling
        self._trouble = trouble
        self._waiting = _Waiting[T]()

    async def read(self, messages: Sequence[Msg]) -> None:
        """Read them, and leave them to `settle_for_ever`; what cannot be read is parked."""
        for begin in range(0, len(messages), _BREATH):
            if some := [one async for one in self._readable(messages[begin : begin + _BREATH])]:
                await self._waiting.put(some)
            await asyncio.sleep(0)

    async def _readable(self, messages: Sequence[Msg]) -> AsyncIterator[tuple[Msg, T]]:
        for message in messages:
            try:
                prepared = self._prepare(Delivery(reading.read(message.subject, message.data), message.data))
            except Exception as error:  # noqa: BLE001 - too deep, bytes that are no text: whatever it is, park it
                await self._settling.failed(message, error)
            else:
                yield message, prepared

    async def settle_for_ever(self) -> None:
        while True:
            batch = await self._waiting.batch()
            try:
                await self._settle(batch)
            except AWAY as error:  # what was not acknowledged comes again
                self._trouble.tell(f"nats: {type(error).__name__} {error}")

    async def _settle(self, read: Sequence[tuple[Msg, T]]) -> None:
        """Apply them; if one spoils it for the others, find it by halves."""
        messages = [message for message, _ in read]
        try:
            async with self._database.transaction() as connection:
                await self._apply_all(connection, [prepared for _, prepared in read])
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            if passes(error):
                await self._settling.later(messages, error)
            elif len(read) == 1:
                await self._settling.failed(messages[0], error)
            else:
                middle = len(read) // 2
                await self._settle(read[:middle])
                await self._settle(read[middle:])
        else:
            await self._settling.took_effect(messages)


@contextlib.asynccontextmanager
async def consuming_together(
    database: Database,
    bus: Bus,
    *,
    durable: str,
    subjects: tuple[str, ...],
    prepare: Prepare[T],
    apply_all: ApplyAll[T],
    unreadable: Unreadable | None = None,
    on_new_stream: OnNewStream | None = None,
) -> AsyncIterator[DeadLetters]:
    """Consume in the background for the time of the block; gives the dead letters, for routes about them.

    ``apply_all(connection, all)`` gets what ``prepare`` made of what has arrived, up to ``BATCH``, in the order of the
    stream, and sees itself to each event taking effect once: the same one may come again, in one call even. All else is
    as `consuming` has it, for each event by itself: what fails is parked, and nothing else with it.
    """

    async def settle(connection: Connection, delivery: Delivery) -> None:
        await apply_all(connection, [prepare(delivery)])

    trouble = Trouble("inbox_waits", durable=durable)
    letters = DeadLetters(database, durable, settle, unreadable)
    inbox = InboxTogether(database, prepare, apply_all, Settling(durable, letters, trouble), trouble)
    pulling = Pulling(
        database, bus, durable, subjects, batch=BATCH, on_new_stream=on_new_stream, trouble=trouble
    )  # fmt: skip
    async with (
        alongside(pulling.run(inbox.read)),
        alongside(inbox.settle_for_ever()),
        alongside(letters.count_for_ever()),
    ):
        yield letters
