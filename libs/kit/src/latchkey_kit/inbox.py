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
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from latchkey_contracts.events import CloudEvent
from latchkey_kit.bus import AWAY, STREAM, Bus
from latchkey_kit.db import PASSING, Connection, Database, will_pass
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.tasks import alongside

Apply = Callable[[Connection, CloudEvent], Awaitable[None]]
"""Called in the transaction of the inbox row: what it writes is committed with it, once."""
TRIES = 5
_BATCH = 64
_HEARTBEAT_SECONDS = 1
_SILENCE_SECONDS = 3.5  # no message and no heartbeat for so long: the pull is dead
_PULL_SECONDS = 10
_ACK_SECONDS = 10  # what was sent to a pull that died comes again after so long
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
        self._trouble = ""

    async def run(self) -> None:
        """Consume for ever; a stream or consumer that vanished is looked for and made again."""
        while True:
            await self._bus.up.wait()
            try:
                await self._find_consumer()
                await self._consume()
            except AWAY as error:
                self._tell(f"nats: {type(error).__name__} {error}")
            except Exception:  # others' events must go on
                log.exception("inbox_failed", durable=self._durable)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find_consumer(self) -> None:
        streams = self._bus.jetstream
        with contextlib.suppress(NotFoundError):
            held = await streams.consumer_info(STREAM, self._durable)
            if held.config.filter_subject == self._subjects:
                return
        wanted = ConsumerConfig(
            name=self._durable,  # with a name, the subject of the request holds the filter: NATS can allow just ours
            durable_name=self._durable,
            filter_subject=self._subjects,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_ACK_SECONDS,
        )
        await streams.add_consumer(STREAM, wanted)

    async def _consume(self) -> None:
        """Pull until the server falls silent or says that this cannot go on."""
        client = self._bus.client
        reply = client.new_inbox()
        heard = await client.subscribe(reply)
        try:
            while True:
                await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._durable}", _PULL, reply)
                if not await self._drain(heard):
                    return
        finally:
            with contextlib.suppress(*AWAY):
                await heard.unsubscribe()

    async def _drain(self, heard: Subscription) -> bool:
        """Take what one pull brings, as it comes; returns whether to pull again."""
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
                self._tell(f"nats: {status} {(message.headers or {}).get('Description', '')}")
                return False
        return True

    async def _take(self, message: Msg) -> None:
        try:
            event = msgspec.json.decode(message.data, type=CloudEvent)
            await self._apply_once(event)
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            if isinstance(error, PeerUnavailable) or will_pass(error):
                self._tell(f"{type(error).__name__} {error}"[:200])
                await message.nak(delay=1)
            else:
                await self._failed(message, error)
        else:
            self._trouble = ""
            await message.ack()

    async def _apply_once(self, event: CloudEvent) -> None:
        async with self._database.transaction() as connection:
            is_new = await connection.fetchval(
                "INSERT INTO inbox (durable, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
                self._durable,
                event.id,
            )
            if is_new:
                await self._apply(connection, event)

    async def _failed(self, message: Msg, error: Exception) -> None:
        """Try again soon; park what cannot be read, and what failed too often (the server counts, restarts or not)."""
        tries = message.metadata.num_delivered
        if tries < TRIES and not isinstance(error, msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
            log.warning("event_failed", subject=message.subject, tries=tries, exc_info=error)
            await message.nak(delay=0.05 * 2**tries)
            return
        try:
            await self._park(message, error)
        except PASSING:
            await message.nak(delay=1)
        else:
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

    def _tell(self, trouble: str) -> None:
        """Log a state once, not each time it is met."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("inbox_waits", durable=self._durable, reason=trouble)


@contextlib.asynccontextmanager
async def consuming(database: Database, bus: Bus, *, durable: str, subjects: str, apply: Apply) -> AsyncIterator[None]:
    """Consume in the background for the time of the block.

    ``subjects`` is a NATS filter such as ``lk.v1.*.client.>``. ``apply`` raises ``msgspec.ValidationError`` for an
    event that it will never understand (parked at once); any other failure is tried again, at last parked.
    """
    async with alongside(Inbox(database, bus, durable, subjects, apply).run()):
        yield
