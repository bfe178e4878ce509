"""From the outbox to NATS.

Whoever holds the session lock numbers the rows that it sees, commits, and only then publishes. A number is given after
the row is visible, so a slow transaction is never jumped over, as a cursor over a sequence would. Between publishing
and marking, a crash sends an event again; the inbox of whoever hears it counts it once.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec
import structlog

from latchkey_kit.bus import AWAY, STREAM, Bus
from latchkey_kit.db import Connection, Database
from latchkey_kit.tasks import alongside

_LOCK = 0x1A7C5  # any fixed number; the lock is the database's own
_BATCH = 256
_POLL_SECONDS = 0.25
_STANDBY_SECONDS = 0.5
_LONGEST_PAUSE = 2.0
log = structlog.get_logger()


class _Head(msgspec.Struct, frozen=True):
    """The part of a CloudEvent that becomes headers."""

    type: str = ""
    traceparent: str | None = None


class Relay:
    """One relay of one service instance; of several instances one leads, the others stand by."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._wake = asyncio.Event()
        self._trouble = ""
        database.after_commit(self._wake.set)

    async def run(self) -> None:
        """Relay for ever; whatever happens, try again."""
        while True:
            try:
                async with self._database.session() as connection:
                    await _lead(connection)
                    log.info("relay_leads")
                    await self._work(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self._tell(f"database: {type(error).__name__}")
            except Exception:  # the outbox must go on
                log.exception("relay_failed")
            await asyncio.sleep(_STANDBY_SECONDS)

    async def _work(self, connection: Connection) -> None:
        pause = _POLL_SECONDS
        while True:
            self._wake.clear()
            numbered = await number(connection)
            found, sent = await self._send(connection)
            if sent < found:
                await self._back_off(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _POLL_SECONDS
            if max(numbered, found) < _BATCH:
                # Not wait_for: before Python 3.12 it swallows a cancellation that meets the wake-up, and stop hangs.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._wake.wait()

    async def _back_off(self, seconds: float) -> None:
        """Wait, or until NATS is back when it was away."""
        if self._bus.connected:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bus.up.wait()

    async def _send(self, connection: Connection) -> tuple[int, int]:
        """Publish one batch in the order of the numbers; returns how many there were and how many were taken."""
        rows = await connection.fetch(
            "SELECT number, id, subject, body, (SELECT epoch FROM outbox_state) AS epoch FROM outbox"
            " WHERE number IS NOT NULL AND published_at IS NULL ORDER BY number LIMIT $1",
            _BATCH,
        )
        if not rows:
            return 0, 0
        if not self._bus.connected:
            self._tell("nats: not connected")
            return len(rows), 0
        taken = await self._publish_all(rows)
        if taken:
            await connection.execute(
                "UPDATE outbox SET published_at = clock_timestamp() WHERE number = ANY($1::bigint[])", taken
            )
        if len(taken) == len(rows):
            self._trouble = ""
        return len(rows), len(taken)

    async def _publish_all(self, rows: Sequence[asyncpg.Record]) -> list[int]:
        """Write all to the socket in order, then wait for all acknowledgements; returns the numbers taken."""
        stream = self._bus.jetstream
        results = await asyncio.gather(
            *(stream.publish(row["subject"], _with_number(row), stream=STREAM, headers=_headers(row)) for row in rows),
            return_exceptions=True,
        )
        taken = []
        for row, result in zip(rows, results, strict=True):
            if not isinstance(result, BaseException):
                taken.append(row["number"])
            elif isinstance(result, AWAY):
                self._tell(f"nats: {type(result).__name__} {result}")
            else:
                raise result
        return taken

    def _tell(self, trouble: str) -> None:
        """Log a state once, not each time it is met."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("relay_waits", reason=trouble)


async def _lead(connection: Connection) -> None:
    """Wait for the lock; the connection keeps it."""
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110 - no event of ours
        await asyncio.sleep(_STANDBY_SECONDS)


async def number(connection: Connection) -> int:
    """Give the next numbers to a batch of visible rows, and commit; returns how many."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE number IS NULL)"):
        return 0
    async with connection.transaction():
        # The row lock comes first and the rows are read by a later statement: a second relay cannot number them too.
        last = await connection.fetchval("SELECT last_number FROM outbox_state FOR UPDATE")
        count: int = await connection.fetchval(
            """
            WITH batch AS (
                SELECT id, row_number() OVER (ORDER BY created_at, id) AS place
                FROM (SELECT id, created_at FROM outbox WHERE number IS NULL ORDER BY created_at, id LIMIT $2) waiting
            ), numbered AS (
                UPDATE outbox SET number = $1 + place FROM batch WHERE outbox.id = batch.id RETURNING outbox.id
            )
            SELECT count(*) FROM numbered
            """,
            last,
            _BATCH,
        )
        await connection.execute("UPDATE outbox_state SET last_number = $1", last + count)
    return count


def _with_number(row: asyncpg.Record) -> bytes:
    """Splice epoch and sequence into the CloudEvent, which is a JSON object and has neither."""
    body: bytes = row["body"]
    return body.rstrip()[:-1] + b',"epoch":"%s","sequence":%d}' % (row["epoch"].encode(), row["number"])


def _headers(row: asyncpg.Record) -> dict[str, str]:
    head = msgspec.json.decode(row["body"], type=_Head)
    headers = {"Nats-Msg-Id": row["id"], "ce-id": row["id"], "ce-type": head.type}
    return headers | {"traceparent": head.traceparent} if head.traceparent else headers


@contextlib.asynccontextmanager
async def relaying(database: Database, bus: Bus) -> AsyncIterator[None]:
    """Relay the outbox in the background for the time of the block."""
    async with alongside(Relay(database, bus).run()):
        yield
