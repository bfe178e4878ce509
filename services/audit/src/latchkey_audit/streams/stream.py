"""The stream ``AUDIT``: a window on the log for each consumer, of what it has not acknowledged yet.

Every consumer has subjects and a durable of its own, and what it acknowledges is gone from the stream (``workqueue``).
So a consumer that stands still fills its own window and nobody's else, and to begin again moves nobody's else position.
"""

import contextlib
import datetime as dt
from collections.abc import Sequence

import msgspec
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DiscardPolicy, RetentionPolicy, StreamConfig
from nats.js.errors import NotFoundError

from latchkey_audit.domain import streaming
from latchkey_audit.domain.streaming import Mark
from latchkey_audit.streams import claims
from latchkey_kit.messaging import together
from latchkey_kit.messaging.bus import Bus

_ANSWER_SECONDS = 2.0
_REPEATED_SECONDS = 120
_ACK_WAIT_SECONDS = 30
_MOST_UNACKNOWLEDGED = 1000
_MOST_WAITING = 16
_FEW = 5
"""Four entries and their mark, there sooner in a row than as a batch; a longer row is torn by what others publish."""
STREAM = claims.STREAM
_CONFIG = StreamConfig(
    name=STREAM,
    subjects=[f"{claims.SUBJECT}.>"],
    retention=RetentionPolicy.WORK_QUEUE,
    discard=DiscardPolicy.NEW,  # a refusal is seen and tried again; what is dropped is missed by somebody
    max_bytes=claims.DISK,
    duplicate_window=_REPEATED_SECONDS,
    allow_atomic=True,
    allow_rollup_hdrs=True,
)


Marked = tuple[together.Message, together.Message]
"""An entry, and the mark that says that the stream has it."""


class _State(msgspec.Struct, frozen=True):
    last_seq: int


class Info(msgspec.Struct, frozen=True):
    """Which stream there is: when it was made, in NATS' words, and where it ends."""

    created: str
    state: _State


class _Names(msgspec.Struct, frozen=True):
    consumers: list[str] | None = None
    total: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a consumer is: ``acked`` is a position, ``None`` where all that was published is acknowledged."""

    acked: int | None
    unacknowledged: int
    delivered_at: dt.datetime | None
    acked_at: dt.datetime | None


class Stream:
    """All methods raise one of ``bus.AWAY`` while the server is away or refuses."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus

    @property
    def _jetstream(self) -> JetStreamContext:
        return self.bus.client.jetstream(timeout=_ANSWER_SECONDS)

    async def ensure(self) -> Info:
        """Make the stream unless it is there."""
        try:
            await self._jetstream.update_stream(_CONFIG)
        except NotFoundError:
            await self._jetstream.add_stream(_CONFIG)
        return await self.info()

    async def info(self) -> Info:
        answer = await self.bus.client.request(f"$JS.API.STREAM.INFO.{STREAM}", b"", timeout=_ANSWER_SECONDS)
        try:
            return msgspec.json.decode(answer.data, type=Info)
        except msgspec.ValidationError:  # an answer of another shape says that there is none
            raise NotFoundError from None

    async def durables(self) -> set[str]:
        """Ids of the consumers that have a durable."""
        found: set[str] = set()
        while True:
            asked = msgspec.json.encode({"offset": len(found)})
            answer = await self.bus.client.request(
                f"$JS.API.CONSUMER.NAMES.{STREAM}", asked, timeout=_ANSWER_SECONDS
            )  # fmt: skip
            page = msgspec.json.decode(answer.data, type=_Names)
            found.update(page.consumers or ())
            if not page.consumers or len(found) >= page.total:
                return found

    async def begin(self, tenant: str, consumer: str) -> None:
        """Give a consumer a durable, with nothing in it; one that stands keeps the requests that wait there."""
        await self._empty(tenant, consumer)
        config = ConsumerConfig(
            name=consumer,
            durable_name=consumer,
            filter_subject=streaming.place(tenant, consumer),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_ACK_WAIT_SECONDS,
            max_ack_pending=_MOST_UNACKNOWLEDGED,
            max_waiting=_MOST_WAITING,
        )
        await self._jetstream.add_consumer(STREAM, config)

    async def end(self, tenant: str, consumer: str) -> None:
        """Take the durable away, and what waits for it."""
        with contextlib.suppress(NotFoundError):
            await self._jetstream.delete_consumer(STREAM, consumer)
        await self._empty(tenant, consumer)

    async def _empty(self, tenant: str, consumer: str) -> None:
        for subject in (streaming.place(tenant, consumer), streaming.mark_place(consumer)):
            with contextlib.suppress(NotFoundError):
                await self._jetstream.purge_stream(STREAM, subject=subject)

    async def first(self, tenant: str, consumer: str) -> int | None:
        """Position of the first entry that a consumer has not acknowledged; ``None`` where there is none."""
        try:
            found = await self._jetstream.get_msg(
                STREAM, seq=1, subject=streaming.place(tenant, consumer), next=True
            )  # fmt: skip
        except NotFoundError:
            return None
        return int((found.headers or {})[streaming.POSITION])

    async def progress(self, tenant: str, consumer: str) -> Progress:
        first = await self.first(tenant, consumer)
        about: ConsumerInfo = await self._jetstream.consumer_info(STREAM, consumer)
        return Progress(
            acked=None if first is None else first - 1,
            unacknowledged=about.num_ack_pending or 0,
            delivered_at=about.delivered.last_active if about.delivered else None,
            acked_at=about.ack_floor.last_active if about.ack_floor else None,
        )

    async def taken(self, tenant: str, consumer: str) -> Mark | None:
        """What the stream took last for a consumer, whatever became of it; ``None`` where there is nothing."""
        found = []
        for place, read in (
            (streaming.mark_place(consumer), streaming.mark),
            (streaming.place(tenant, consumer), streaming.mark_of_entry),  # whose mark may not have come through
        ):
            with contextlib.suppress(NotFoundError):
                last = await self._jetstream.get_last_msg(STREAM, place)
                found.append(read(last.headers or {}))
        return max(found, key=lambda one: (one.run, one.position), default=None)

    async def publish(self, marked: Sequence[Marked]) -> None:
        """Hand over all, in order, and behind them the last one's mark.

        Pair by pair where the stream refuses that, for it may have some of them.
        """
        messages = [*(message for message, _ in marked), marked[-1][1]]
        if await self._took(messages):
            return
        jetstream = self._jetstream
        for pair in marked:
            if await together.publish(self.bus.client, pair) is None:
                for one in pair:
                    await jetstream.publish(one.subject, one.body, stream=STREAM, headers=one.headers)

    async def _took(self, messages: Sequence[together.Message]) -> bool:
        if len(messages) <= _FEW:
            return await together.publish_in_a_row(self.bus.client, messages)
        return await together.publish(self.bus.client, messages) is not None
