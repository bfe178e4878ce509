"""From NATS into this service: every event takes effect once, and one that cannot is parked without stopping others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import TimeoutError as NothingHeard
from nats.js import JetStreamContext

from latchkey_contracts.events import CloudEvent
from latchkey_kit import crash
from latchkey_kit.db import PASSING, Connection, Database, will_pass
from latchkey_kit.messaging.bus import AWAY, STREAM, Bus
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry import facts, metrics, trace
from latchkey_kit.telemetry.trouble import Trouble

Apply = Callable[[Connection, CloudEvent], Awaitable[None]]
"""Called in the transaction of the inbox row: what it writes is committed with it, once."""
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
log = structlog.get_logger()


class Inbox:
    """A durable pull consumer (JetStream) of one service."""

    def __init__(self, database: Database, bus: Bus, durable: str, subjects: str, apply: Apply) -> None:
        self._database = database
        self._bus = bus
        self._durable = durable
        self._subjects = subjects
        self._apply = apply
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
            except Exception:  # others' events must go on
                log.exception("inbox_failed", durable=self._durable)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find_consumer(self) -> None:
        """Raise one of ``AWAY`` until the deployment has made the consumer; services may not make any themselves."""
        held = await self._bus.jetstream.consumer_info(STREAM, self._durable)
        if held.config.filter_subject != self._subjects:  # so it is for a moment in every change of the filter
            log.warning("consumer_differs", durable=self._durable, has=held.config.filter_subject, wants=self._subjects)

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
            with _about(event):
                await self._settle(message, event)

    async def _settle(self, message: Msg, event: CloudEvent) -> None:
        try:
            is_new = await self._apply_once(event)
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            if isinstance(error, PeerUnavailable) or will_pass(error):
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

    async def _apply_once(self, event: CloudEvent) -> bool:
        """Let it take effect, unless it has; returns whether it was new."""
        async with self._database.transaction() as connection:
            is_new: bool | None = await connection.fetchval(
                "INSERT INTO inbox (durable, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
                self._durable,
                event.id,
            )
            if is_new:
                await self._apply(connection, event)
        return bool(is_new)

    async def _failed(self, message: Msg, error: Exception) -> None:
        """Try again soon; park what cannot be read, and what failed too often (the server counts, restarts or not)."""
        tries = message.metadata.num_delivered
        if tries < TRIES and not isinstance(error, msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
            self._count("later")
            log.warning("event_failed", subject=message.subject, tries=tries, exc_info=error)
            await message.nak(delay=0.05 * 2**tries)
            return
        try:
            await self._park(message, error)
        except PASSING:
            await message.nak(delay=1)
        else:
            self._count("parked")
            log.error("event_parked", durable=self._durable, subject=message.subject, exc_info=error)
            await message.ack()

    async def _park(self, message: Msg, error: Exception) -> None:
        place = f"{message.metadata.stream}:{message.metadata.sequence.stream}"
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO dead_letter (durable, message, subject, body, reason) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT DO NOTHING",
                self._durable,
                (message.headers or {}).get("Nats-Msg-Id", place),
                message.subject,
                message.data,
                f"{type(error).__name__}: {error}"[:500],
            )

    def _count(self, outcome: str) -> None:
        metrics.inbox_events.labels(self._durable, outcome).inc()


@contextlib.contextmanager
def _about(event: CloudEvent) -> Iterator[None]:
    """Log lines, events and requests that an event causes belong to its request and trace."""
    token = facts.enter(facts.RequestFacts(request_id=event.requestid, span=trace.parse(event.traceparent or "")))
    try:
        yield
    finally:
        facts.leave(token)


@contextlib.asynccontextmanager
async def consuming(database: Database, bus: Bus, *, durable: str, subjects: str, apply: Apply) -> AsyncIterator[None]:
    """Consume in the background for the time of the block.

    ``durable`` is a consumer that the deployment makes (deploy/nats/stream.toml), on the filter ``subjects``, such as
    ``lk.v1.*.client.>``. ``apply`` raises ``msgspec.ValidationError`` for an event that it will never understand
    (parked at once); any other failure is tried again, and parked after ``TRIES``.
    """
    async with alongside(Inbox(database, bus, durable, subjects, apply).run()):
        yield
