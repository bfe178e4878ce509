"""Knowing a stream that is not the one we published to, and what to send again then.

A stream is another one when NATS says that it was made at another moment, or when it ends before a place that it has
acknowledged to us (its files were lost or restored). Then everything that the lost one held is sent again, in order,
before anything new. Consumers of a new stream read it from its beginning, and their inboxes count each event once.

Bounded by two things. By what the outbox still has: the rest cannot be sent by anybody. And by the stream's own
``max_age``: what was published longer ago had left the lost stream, too, and a stream that takes no more than its
``max_bytes`` must not be filled with what nobody waits for. Which rows those are is asked a stretch at a time, for an
outbox may hold years.
"""

from collections.abc import Sequence

import asyncpg
import msgspec
import structlog

from latchkey_kit.db import Connection
from latchkey_kit.messaging.bus import AWAY, STREAM, Bus

_STRETCH = 4096
"""Numbers looked at by one statement."""
_ANSWER_SECONDS = 2
_SPARE = 0.9
"""How full a stream may be for what is asked for again; the rest is for what is new."""
log = structlog.get_logger()


class _Config(msgspec.Struct, frozen=True):
    max_age: int
    """Nanoseconds; 0 keeps for ever."""
    max_bytes: int = -1
    """-1 is no limit."""


class _State(msgspec.Struct, frozen=True):
    last_seq: int
    bytes: int = 0


class _Stream(msgspec.Struct, frozen=True):
    """The part of ``STREAM.INFO`` that we read; nats-py would cut ``created`` to microseconds."""

    created: str
    config: _Config
    state: _State


class Seen(msgspec.Struct, frozen=True):
    """Of a stream: for how many seconds it keeps an event, 0 for ever, and whether it has room to spare."""

    keeps: float
    roomy: bool


async def look(connection: Connection, bus: Bus) -> Seen | None:
    """See which stream there is; if it is another one, plan to send again what the former held.

    ``None`` when NATS says that there is none. Whoever publishes next meets the same trouble, and tells it.
    """
    try:
        answer = await bus.client.request(f"$JS.API.STREAM.INFO.{STREAM}", b"", timeout=_ANSWER_SECONDS)
        stream = msgspec.json.decode(answer.data, type=_Stream)
    except (*AWAY, msgspec.ValidationError):  # an answer of another shape says that there is no stream
        return None
    keeps = stream.config.max_age / 10**9
    planned = await connection.fetchrow(
        """
        UPDATE outbox_state AS now
        SET stream_created = $1,
            stream_sequence = $2,
            resend_after = now.purged_through,
            resend_through = CASE WHEN former.stream_created IS NULL THEN 0 ELSE former.last_number END,
            resend_since = CASE WHEN $3 > 0 THEN clock_timestamp() - $3 * interval '1 second' ELSE '-infinity' END
        FROM (SELECT stream_created, last_number FROM outbox_state FOR UPDATE) AS former
        WHERE now.stream_created IS DISTINCT FROM $1 OR now.stream_sequence > $2
        RETURNING former.stream_created AS former, now.resend_through AS through
        """,
        stream.created,
        stream.state.last_seq,
        keeps,
    )
    if planned is not None and planned["former"] is not None:
        log.warning("stream_lost", made=stream.created, former=planned["former"], sending_again=planned["through"])
    return Seen(keeps, stream.config.max_bytes <= 0 or stream.state.bytes < stream.config.max_bytes * _SPARE)


async def stretch(connection: Connection, limit: int) -> tuple[Sequence[asyncpg.Record], int]:
    """Rows to send again, in order, and how far the plan has come once they are sent.

    There may be no rows in a stretch and still more to come; it is over when the second is 0.
    """
    plan = await connection.fetchrow(
        "SELECT resend_after, resend_through, resend_since FROM outbox_state WHERE resend_after < resend_through"
    )
    if plan is None:
        return (), 0
    end = min(plan["resend_after"] + _STRETCH, plan["resend_through"])
    rows = await connection.fetch(
        "SELECT number, id, subject, body, (SELECT epoch FROM outbox_state) AS epoch FROM outbox"
        " WHERE number > $1 AND number <= $2 AND published_at >= $3 ORDER BY number LIMIT $4",
        plan["resend_after"],
        end,
        plan["resend_since"],
        limit,
    )
    return rows, rows[-1]["number"] if len(rows) == limit else end


async def sent(connection: Connection, through: int) -> None:
    """Note that everything up to this number was sent again."""
    await connection.execute("UPDATE outbox_state SET resend_after = $1 WHERE resend_after < $1", through)
