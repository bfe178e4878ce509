"""Letting an event take effect, once."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_kit.db import Connection
from latchkey_kit.telemetry import facts, trace

Apply = Callable[[Connection, CloudEvent], Awaitable[None]]
"""Called in the transaction of the inbox row: what it writes is committed with it, once."""


class Delivery(msgspec.Struct, frozen=True):
    """An event and the bytes that it came as."""

    event: CloudEvent
    body: bytes


async def once(
    connection: Connection, durable: str, event: CloudEvent, apply: Apply, repeated: Apply | None = None
) -> bool:
    """Let it take effect in the transaction under way, unless it has; returns whether it was new."""
    is_new: bool | None = await connection.fetchval(
        "INSERT INTO inbox (durable, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
        durable,
        event.id,
    )
    if is_new:
        await apply(connection, event)
    elif repeated:
        await repeated(connection, event)
    return bool(is_new)


@contextlib.contextmanager
def about(event: CloudEvent) -> Iterator[None]:
    """Log lines, events and requests that an event causes belong to its request and trace."""
    token = facts.enter(facts.RequestFacts(request_id=event.requestid, span=trace.parse(event.traceparent or "")))
    try:
        yield
    finally:
        facts.leave(token)
