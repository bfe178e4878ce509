"""From NATS into this service: every event takes effect once, and one that cannot is parked without stopping others."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from nats.aio.msg import Msg

from latchkey_contracts.events import CloudEvent
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.dead_letters import DeadLetters, Unreadable
from latchkey_kit.messaging.effects import Apply, Delivery, about, once
from latchkey_kit.messaging.pulling import OnNewStream, Pulling
from latchkey_kit.messaging.purging import purge_inbox_for_ever
from latchkey_kit.messaging.reading import read
from latchkey_kit.messaging.settling import Settling, passes
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_BATCH = 64


class Inbox:
    """Takes the events of one consumer one by one, each in a transaction of its own."""

    def __init__(
        self, database: Database, durable: str, apply: Apply, repeated: Apply | None, settling: Settling
    ) -> None:
        self._database = database
        self._durable = durable
        self._apply = apply
        self._repeated = repeated
        self._settling = settling

    async def take(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            metrics.inbox_waiting.labels(self._durable).set(message.metadata.num_pending)
            try:
                event = read(message.subject, message.data)
            except Exception as error:  # noqa: BLE001 - too deep, bytes that are no text: whatever it is, park it
                await self._settling.failed(message, error)
            else:
                with about(event):
                    await self._settle(message, event)

    async def _settle(self, message: Msg, event: CloudEvent) -> None:
        try:
            async with self._database.transaction() as connection:
                is_new = await once(connection, self._durable, event, self._apply, self._repeated)
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            if passes(error):
                await self._settling.later([message], error)
            else:
                await self._settling.failed(message, error)
        else:
            await self._settling.took_effect([message], "applied" if is_new else "repeated")


@contextlib.asynccontextmanager
async def consuming(
    database: Database,
    bus: Bus,
    *,
    durable: str,
    subjects: tuple[str, ...],
    apply: Apply,
    repeated: Apply | None = None,
    unreadable: Unreadable | None = None,
    on_new_stream: OnNewStream | None = None,
) -> AsyncIterator[DeadLetters]:
    """Consume in the background for the time of the block; gives the dead letters, for routes about them.

    ``durable`` is a consumer that the deployment makes (deploy/nats/stream.toml), on the filters ``subjects``, such as
    ``lk.v1.*.client.>``. What does not belong on its subject is parked (`reading`). ``apply`` raises
    ``msgspec.ValidationError`` for an event that it will never understand (parked at once); any other failure is tried
    again, and parked after ``TRIES``.

    ``repeated(connection, event)`` is called for an event that has taken effect before: its source, after a restore,
    may send it again under another number.

    ``unreadable(connection, subject)`` is called for what is parked, in that transaction and perhaps more than once.
    If it fails, the event is not parked but comes again a second later, without holding up others.

    ``on_new_stream()`` is called before the first event of a consumer that this database has not read from before:
    the very first one, and one that was made anew, alone or with its stream, and may have lost what it had not
    delivered. Of several instances one is called. It should be quick, such as to wake something: events wait for it.
    """

    async def settle(connection: Connection, delivery: Delivery) -> None:
        await once(connection, durable, delivery.event, apply)

    trouble = Trouble("inbox_waits", durable=durable)
    letters = DeadLetters(database, durable, settle, unreadable)
    inbox = Inbox(database, durable, apply, repeated, Settling(durable, letters, trouble))
    pulling = Pulling(
        database, bus, durable, subjects, batch=_BATCH, on_new_stream=on_new_stream, trouble=trouble
    )  # fmt: skip
    async with (
        alongside(pulling.run(inbox.take)),
        alongside(letters.count_for_ever()),
        alongside(purge_inbox_for_ever(database, durable)),
    ):
        yield letters
