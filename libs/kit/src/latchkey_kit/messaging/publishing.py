"""Handing numbered events to the stream."""

import asyncio
from collections.abc import Sequence

import asyncpg
import msgspec

from latchkey_kit.messaging import together
from latchkey_kit.messaging.bus import AWAY, STREAM, Bus


class Taken(msgspec.Struct, frozen=True):
    """What became of a batch: the numbers that the stream took, the highest place it gave, and one failure, if any."""

    numbers: Sequence[int]
    sequence: int
    trouble: str


class _Head(msgspec.Struct, frozen=True):
    """The part of a CloudEvent that becomes headers."""

    type: str = ""
    traceparent: str | None = None


async def publish(bus: Bus, rows: Sequence[asyncpg.Record], *, again: str = "") -> Taken:
    """Hand over all rows (number, id, subject, body, epoch) in order: all at once, or each by itself if they are few.

    ``again``, new each time, makes them other messages to a stream that knows them and has lost them.
    """
    messages = [together.Message(row["subject"], _with_number(row), _headers(row, again)) for row in rows]
    if len(rows) > together.FEW:
        try:
            sequence = await together.publish(bus.client, messages)
        except AWAY as error:
            return Taken((), 0, f"nats: {type(error).__name__} {error}")
        if sequence is not None:
            return Taken([row["number"] for row in rows], sequence, "")
    return await _one_by_one(bus, rows, messages)


async def _one_by_one(bus: Bus, rows: Sequence[asyncpg.Record], messages: Sequence[together.Message]) -> Taken:
    """Write all to the socket in order, then wait for all acknowledgements."""
    stream = bus.jetstream
    results = await asyncio.gather(
        *(stream.publish(one.subject, one.body, stream=STREAM, headers=one.headers) for one in messages),
        return_exceptions=True,
    )
    numbers, sequence, trouble = [], 0, ""
    for row, result in zip(rows, results, strict=True):
        if not isinstance(result, BaseException):
            numbers.append(row["number"])
            sequence = max(sequence, result.seq)
        elif isinstance(result, AWAY):
            trouble = f"nats: {type(result).__name__} {result}"
        else:
            raise result
    return Taken(numbers, sequence, trouble)


def _with_number(row: asyncpg.Record) -> bytes:
    """Splice epoch and sequence into the CloudEvent, which is a JSON object and has neither."""
    body: bytes = row["body"]
    return body.rstrip()[:-1] + b',"epoch":"%s","sequence":%d}' % (row["epoch"].encode(), row["number"])


def _headers(row: asyncpg.Record, again: str) -> dict[str, str]:
    # A source that was restored tells its events again under new numbers: to the stream these are other messages.
    head = msgspec.json.decode(row["body"], type=_Head)
    name = ".".join(filter(None, (row["id"], row["epoch"], again)))
    headers = {"Nats-Msg-Id": name, "ce-id": row["id"], "ce-type": head.type}
    return headers | {"traceparent": head.traceparent} if head.traceparent else headers
