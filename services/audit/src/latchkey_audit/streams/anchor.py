"""The stream ``CHECKPOINTS``: every checkpoint in the order of signing, on a disk that is not the database's.

Nobody deletes single messages there. Its last message says how far it has come, so nobody else has to remember that;
and each publish names the place behind which it belongs, so that no checkpoint is there twice, whoever publishes.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError

from latchkey_audit.streams import claims
from latchkey_contracts.seals import FileLine
from latchkey_kit.messaging import together
from latchkey_kit.messaging.bus import Bus

_ANSWER_SECONDS = 2.0
_AT_ONCE = 500
_IDLE_SECONDS = 30
_ENDS_ELSEWHERE: Final = 10071  # JSStreamWrongLastSequenceErrF of the server
STREAM = claims.CHECKPOINTS
_CONFIG = StreamConfig(
    name=STREAM,
    subjects=[f"{claims.CHECKPOINT}.*"],
    retention=RetentionPolicy.LIMITS,
    discard=DiscardPolicy.OLD,  # a newer one stands for all before it
    max_bytes=claims.DISK_OF_CHECKPOINTS,
    max_msgs_per_subject=10_000,  # a month of a busy tenant's: it pushes out none of a quiet one
    deny_delete=True,
    deny_purge=True,
    allow_atomic=True,
)


class End(msgspec.Struct, frozen=True):
    """``sequence`` and content of the last message; 0 and ``None`` where there is none."""

    sequence: int
    last: FileLine | None


class Placed(msgspec.Struct, frozen=True):
    """A line and its place."""

    sequence: int
    line: FileLine


class Anchor:
    """All methods raise one of ``bus.AWAY`` while the server is away or refuses."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._configured = False

    @property
    def _jetstream(self) -> JetStreamContext:
        return self._bus.client.jetstream(timeout=_ANSWER_SECONDS)

    async def end(self) -> End:
        """Tell where the stream ends; it is made if it is not there, and is as this release wants it."""
        jetstream = self._jetstream
        try:
            about = await (jetstream.stream_info(STREAM) if self._configured else jetstream.update_stream(_CONFIG))
        except NotFoundError:
            about = await jetstream.add_stream(_CONFIG)
        self._configured = True
        sequence = about.state.last_seq
        if sequence == 0:
            return End(0, None)
        message = await jetstream.get_msg(STREAM, sequence)
        return End(sequence, msgspec.json.decode(message.data or b"", type=FileLine))

    async def first_from(self, sequence: int) -> Placed | None:
        """Give the first line at this place or behind it."""
        try:
            message = await self._jetstream.get_msg(STREAM, sequence, subject=f"{claims.CHECKPOINT}.*", next=True)
        except NotFoundError:
            return None
        return Placed(message.seq or 0, msgspec.json.decode(message.data or b"", type=FileLine))

    async def append(self, lines: Sequence[FileLine], sequence: int) -> bool:
        """Add lines, at most a thousand, behind ``sequence``; ``False`` when the stream does not end there any more."""
        messages = [_message(one) for one in lines]
        messages[0].headers["Nats-Expected-Last-Sequence"] = str(sequence)
        if len(messages) > 1 and await together.publish(self._bus.client, messages) is not None:
            return True
        # Refused together, the first one by itself says why; what is left of them comes next.
        first = messages[0]
        try:
            ack = await self._jetstream.publish(first.subject, first.body, stream=STREAM, headers=first.headers)
        except APIError as error:
            if error.err_code == _ENDS_ELSEWHERE:
                return False
            raise
        return not ack.duplicate


async def pages(client: Client) -> AsyncIterator[list[bytes]]:
    """All that the stream holds now, oldest first. Raises one of ``bus.AWAY``, NotFoundError without a stream."""
    jetstream = client.jetstream(timeout=_ANSWER_SECONDS)
    left = (await jetstream.stream_info(STREAM)).state.messages
    if not left:
        return
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=_IDLE_SECONDS)
    reader = await jetstream.pull_subscribe(f"{claims.CHECKPOINT}.*", stream=STREAM, config=config)
    while left:
        messages = await reader.fetch(_AT_ONCE, timeout=_ANSWER_SECONDS)
        yield [one.data for one in messages]
        left = messages[-1].metadata.num_pending


def _message(line: FileLine) -> together.Message:
    # With the moment: what a failover lost may have had the position of this one, which is another.
    subject, name = f"{claims.CHECKPOINT}.{line.tenant}", f"{line.tenant}.{line.position}.{line.at}"
    return together.Message(subject, msgspec.json.encode(line), {"Nats-Msg-Id": name})
