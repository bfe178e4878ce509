"""From NATS into this service: every event takes effect once, and one that cannot is parked without stopping others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import TimeoutError as NothingHeard
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from latchkey_contracts.events import CloudEvent
from latchkey_kit import crash
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.bus import AWAY, STREAM, Bus
from latchkey_kit.messaging.dead_letters import DeadLetters, Unreadable
from latchkey_kit.messaging.effects import Apply, about, once
from latchkey_kit.messaging.purging import purge_inbox_for_ever
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

OnNewStream = Callable[[], Awaitable[None]]
TRIES = 5
_BATCH = 64
_HEARTBEAT_SECONDS = 1
_SILENCE_SECONDS = 3.5  # no message and no heartbeat for so long: the pull is dead
_PULL_SECONDS = 10
_PAUSE_SECONDS = 0.25
_PULL = msgspec.json.encode(
    {"batch": _BATCH, "expires": _PULL_SECONDS * 10**9, "idle_heartbeat": _HEARTBEAT_SECONDS * 10**9}
)
_HEARTBEAT, _OVER = "100", ("404", "408")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
log = structlog.get_logger()


class Inbox:
    """A durable pull consumer (JetStream) of one service."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        durable: str,
        subjects: tuple[str, ...],
        apply: Apply,
        letters: DeadLetters,
        repeated: Apply | None,
        on_new_stream: OnNewStream | None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._durable = durable
        self._subjects = subjects
        self._apply = apply
        self._letters = letters
        self._repeated = repeated
        self._on_new_stream = on_new_stream
        self._trouble = Trouble("inbox_waits", durable=durable)

    async def run(self) -> None:
        """Consume for ever; a stream or consumer that vanished is waited for."""
        while True:
            await self._bus.up.wait()
            try:
                await self._find_consumer()
                while await self._pull():
                    pass
            except AWAY as error:
                self._trouble.tell(f"nats: {type(error).__name__} {error}")
            except Exception as error:  # others' events must go on
                if will_pass(error):
                    self._trouble.tell(f"database: {type(error).__name__}")
                else:
                    log.exception("inbox_failed", durable=self._durable)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find_consumer(self) -> None:
        """Raise one of ``AWAY`` until the deployment has made the consumer; services may not make any themselves."""
        held = await self._bus.jetstream.consumer_info(STREAM, self._durable)
        has = held.config.filter_subjects or [held.config.filter_subject or ""]
        if set(has) != set(self._subjects):  # so it is for a moment in every change of the filter
            log.warning("consumer_differs", durable=self._durable, has=sorted(has), wants=sorted(self._subjects))
        await self._know(held)

    async def _know(self, held: ConsumerInfo) -> None:
        """Note when the consumer was made. That of a stream that was made anew was made anew, too."""
        async with self._database.transaction() as connection:
            is_new = await connection.fetchval(
                """
                INSERT INTO inbox_consumer AS known (durable, created) VALUES ($1, $2)
                ON CONFLICT (durable) DO UPDATE SET created = EXCLUDED.created WHERE known.created <> EXCLUDED.created
                RETURNING true
                """,
                self._durable,
                str(held.created),
            )
            if is_new:
                log.info("consumer_is_new", durable=self._durable, made=str(held.created))
                if self._on_new_stream:
                    await self._on_new_stream()

    async def _pull(self) -> bool:
        """Take what one pull brings; returns whether to pull again: not when the server falls silent or says no.

        Each pull has a subject of its own to answer to. The server keeps a note of each pull across accounts for as
        long as somebody listens there.
        """
        client = self._bus.client
        reply = client.new_inbox()
        heard = await client.subscribe(reply)
        try:
            await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._durable}", _PULL, reply)
            return await self._drain(heard)
        finally:
            with contextlib.suppress(*AWAY):
                await heard.unsubscribe()

    async def _drain(self, heard: Subscription) -> bool:
        """Take messages as they come; returns whether to pull again."""
        left = _BATCH
        while left:
            try:
                message = await heard.next_msg(_SILENCE_SECONDS)
            except NothingHeard:
                return False
            status = JetStreamContext.is_status_msg(message)
            if status is None:
                left -= 1
                await self._take(message)
            elif status in _OVER:
                return True
            elif status != _HEARTBEAT:
                self._trouble.tell(f"nats: {status} {(message.headers or {}).get('Description', '')}")
                return False
        return True

    async def _take(self, message: Msg) -> None:
        metrics.inbox_waiting.labels(self._durable).set(message.metadata.num_pending)
        try:
            event = msgspec.json.decode(message.data, type=CloudEvent)
        except Exception as error:  # noqa: BLE001 - nesting too deep, bytes that are no text: whatever it is, park it
            await self._failed(message, error)
        else:
            with about(event):
                await self._settle(message, event)

    async def _settle(self, message: Msg, event: CloudEvent) -> None:
        try:
            async with self._database.transaction() as connection:
                is_new = await once(connection, self._durable, event, self._apply, self._repeated)
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            if _is_passing(error):
                self._count("later")
                self._trouble.tell(f"{type(error).__name__} {error}"[:200])
                await message.nak(delay=1)
            else:
                await self._failed(message, error)
        else:
            self._count("applied" if is_new else "repeated")
            self._trouble.over()
            crash.point("before_ack")
            await message.ack()
            crash.point("after_ack")

    async def _failed(self, message: Msg, error: Exception) -> None:
        """Try again soon; park what cannot be read, and what failed too often (the server counts, restarts or not)."""
        tries = message.metadata.num_delivered
        if tries < TRIES and not isinstance(error, _UNREADABLE):
            self._count("later")
            log.warning("event_failed", subject=message.subject, tries=tries, exc_info=error)
            await message.nak(delay=0.05 * 2**tries)
            return
        try:
            await self._letters.park(message, error)
        except Exception as hindrance:  # nothing is put aside quietly: it comes again until it can be
            self._count("later")
            if not _is_passing(hindrance):
                log.exception("event_not_parked", durable=self._durable, subject=message.subject)
            await message.nak(delay=1)
        else:
            self._count("parked")
            log.error("event_parked", durable=self._durable, subject=message.subject, exc_info=error)
            await message.ack()

    def _count(self, outcome: str) -> None:
        metrics.inbox_events.labels(self._durable, outcome).inc()


def _is_passing(error: Exception) -> bool:
    return isinstance(error, PeerUnavailable) or will_pass(error)


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
    ``lk.v1.*.client.>``. ``apply`` raises ``msgspec.ValidationError`` for an event that it will never understand
    (parked at once); any other failure is tried again, and parked after ``TRIES``.

    ``repeated(connection, event)`` is called for an event that has taken effect before: its source, after a restore,
    may send it again under another number.

    ``unreadable(connection, subject)`` is called for what is parked, in that transaction and perhaps more than once.
    If it fails, the event is not parked but comes again a second later, without holding up others.

    ``on_new_stream()`` is called before the first event of a consumer that this database has not read from before:
    the very first one, and one that was made anew, alone or with its stream, and may have lost what it had not
    delivered. Of several instances one is called. It should be quick, such as to wake something: events wait for it.
    """
    letters = DeadLetters(database, durable, apply, unreadable)
    inbox = Inbox(database, bus, durable, subjects, apply, letters, repeated, on_new_stream)
    async with (
        alongside(inbox.run()),
        alongside(letters.count_for_ever()),
        alongside(purge_inbox_for_ever(database, durable)),
    ):
        yield letters
