"""From NATS into this service, many events a transaction: for whoever keeps all of them and knows each by itself."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from nats.aio.msg import Msg

from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging import reading
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.dead_letters import DeadLetters, Unreadable
from latchkey_kit.messaging.effects import ApplyAll, Delivery
from latchkey_kit.messaging.pulling import OnNewStream, Pulling
from latchkey_kit.messaging.settling import Settling, passes
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble

BATCH = 512
"""Taken together at most."""
_Read = tuple[Msg, Delivery]


class InboxTogether:
    """Takes what has arrived in one transaction. A lone event waits for no other."""

    def __init__(self, database: Database, apply_all: ApplyAll, settling: Settling) -> None:
        self._database = database
        self._apply_all = apply_all
        self._settling = settling

    async def take(self, messages: Sequence[Msg]) -> None:
        read: list[_Read] = []
        for message in messages:
            try:
                event = reading.read(message.subject, message.data)
            except Exception as error:  # noqa: BLE001 - too deep, bytes that are no text: whatever it is, park it
                await self._settling.failed(message, error)
            else:
                read.append((message, Delivery(event, message.data)))
        if read:
            await self._settle(read)

    async def _settle(self, read: Sequence[_Read]) -> None:
        """Apply them; if one spoils it for the others, find it by halves."""
        messages = [message for message, _ in read]
        try:
            async with self._database.transaction() as connection:
                await self._apply_all(connection, [delivery for _, delivery in read])
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
    apply_all: ApplyAll,
    unreadable: Unreadable | None = None,
    on_new_stream: OnNewStream | None = None,
) -> AsyncIterator[DeadLetters]:
    """Consume in the background for the time of the block; gives the dead letters, for routes about them.

    ``apply_all(connection, deliveries)`` gets what has arrived, up to ``BATCH``, in the order of the stream, and sees
    itself to each event taking effect once: the same one may come again, in one call even. All else is as `consuming`
    has it, for each event by itself: what fails is parked, and nothing else with it.
    """

    async def settle(connection: Connection, delivery: Delivery) -> None:
        await apply_all(connection, [delivery])

    trouble = Trouble("inbox_waits", durable=durable)
    letters = DeadLetters(database, durable, settle, unreadable)
    inbox = InboxTogether(database, apply_all, Settling(durable, letters, trouble))
    pulling = Pulling(
        database, bus, durable, subjects, batch=BATCH, on_new_stream=on_new_stream, trouble=trouble
    )  # fmt: skip
    async with alongside(pulling.run(inbox.take)), alongside(letters.count_for_ever()):
        yield letters
