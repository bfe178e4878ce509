"""Reading a durable pull consumer of JetStream: what has arrived is handed over; whoever takes it sees to the rest."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.bus import AWAY, STREAM, Bus
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

OnNewStream = Callable[[], Awaitable[None]]
Take = Callable[[Sequence[Msg]], Awaitable[None]]
"""Given what has arrived by now, one message at least, in order. It acknowledges each, or asks for it again."""
MOST_BYTES = 4 * 1024 * 1024
"""Handed over at once at most, but for a single message."""
_HEARTBEAT_SECONDS = 1
_SILENCE_SECONDS = 3.5  # no message and no heartbeat for so long: the pull is dead
_PULL_SECONDS = 10
_PAUSE_SECONDS = 0.25
_HEARTBEAT, _OVER = "100", ("404", "408")
log = structlog.get_logger()


class Pulling:
    """Reads one consumer, ``batch`` messages a pull."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        durable: str,
        subjects: tuple[str, ...],
        *,
        batch: int,
        on_new_stream: OnNewStream | None,
        trouble: Trouble,
    ) -> None:
        self._database = database
        self._bus = bus
        self._durable = durable
        self._subjects = subjects
        self._batch = batch
        self._on_new_stream = on_new_stream
        self._trouble = trouble

    async def run(self, take: Take) -> None:
        """Read for ever; a stream or consumer that vanished is waited for."""
        while True:
            await self._bus.up.wait()
            try:
                await self._find_consumer()
                while await self._pull(take):
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

    async def _pull(self, take: Take) -> bool:
        """Take what one pull brings; returns whether to pull again: not when the server falls silent or says no.

        Each pull has a subject of its own to answer to. The server keeps a note of each pull across accounts for as
        long as somebody listens there.
        """
        client, mail = self._bus.client, _Mail()
        reply = client.new_inbox()
        heard = await client.subscribe(reply, cb=mail.put)
        try:
            await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._durable}", self._request(), reply)
            return await self._drain(mail, take)
        finally:
            with contextlib.suppress(*AWAY):
                await heard.unsubscribe()

    def _request(self) -> bytes:
        return msgspec.json.encode(
            {"batch": self._batch, "expires": _PULL_SECONDS * 10**9, "idle_heartbeat": _HEARTBEAT_SECONDS * 10**9}
        )

    async def _drain(self, mail: "_Mail", take: Take) -> bool:
        """Hand over messages as they come; returns whether to pull again."""
        left = self._batch
        while left > 0:
            came = await mail.gathered()
            if not came:
                return False
            messages = [one for one in came if JetStreamContext.is_status_msg(one) is None]
            if messages:
                left -= len(messages)
                metrics.inbox_waiting.labels(self._durable).set(messages[-1].metadata.num_pending)
                await take(messages)
            for one in came:
                status = JetStreamContext.is_status_msg(one)
                if status in _OVER:
                    return True
                if status not in (None, _HEARTBEAT):
                    self._trouble.tell(f"nats: {status} {(one.headers or {}).get('Description', '')}")
                    return False
        return True


class _Mail:
    """What has come and is not taken."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Msg] = asyncio.Queue()

    async def put(self, message: Msg) -> None:
        self._queue.put_nowait(message)

    async def gathered(self) -> list[Msg]:
        """All that is there, waiting for the first only; nothing when nothing comes."""
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                came = [await self._queue.get()]
        except TimeoutError:
            return []
        size = len(came[0].data)
        while not self._queue.empty() and size < MOST_BYTES:
            came.append(self._queue.get_nowait())
            size += len(came[-1].data)
        return came
