"""From the outbox to NATS.

Whoever holds the session lock numbers the rows that it sees, commits, and only then publishes. A number is given after
the row is visible, so a slow transaction is never jumped over, as a cursor over a sequence would. Between publishing
and marking, a crash sends an event again; the inbox of whoever hears it counts it once.
"""

import asyncio
import contextlib
import enum
import math
from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
import structlog
from nats.nuid import NUID

from latchkey_kit import crash
from latchkey_kit.db import Connection, Database, will_pass
from latchkey_kit.leading import lead
from latchkey_kit.messaging import asking, receipts, resend
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.numbering import number, waiting
from latchkey_kit.messaging.publishing import Taken, publish
from latchkey_kit.messaging.purging import BATCH as PURGE_BATCH
from latchkey_kit.messaging.purging import purge_outbox
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_LOCK = 0x1A7C5  # any fixed number; the lock is the database's own
_BATCH = 256
_POLL_SECONDS = 0.25
_LONGEST_PAUSE = 2.0
_LOOK_SECONDS = 3.0
_PATIENCE_SECONDS = 5.0
_PURGE_SECONDS = 60.0
_ASKED_SECONDS = 1.0
WEEK = 7 * 24 * 3600
log = structlog.get_logger()


class _Pass(enum.Enum):
    """What one pass over the outbox came to."""

    DONE = enum.auto()
    MORE = enum.auto()
    STUCK = enum.auto()


class Relay:
    """One relay of one service instance; of several instances one leads, the others stand by."""

    def __init__(self, database: Database, bus: Bus, consumers: Sequence[str], kept: float) -> None:
        self._database = database
        self._bus = bus
        self._consumers = consumers
        self._kept = kept
        self._stream_keeps = 0.0
        self._purge_at = 0.0
        self._wake = asyncio.Event()
        self._look_at = 0.0
        self._roomy = False
        self._asked_at = 0.0
        self._nuid = NUID()
        self._trouble = Trouble("relay_waits")
        database.after_commit(self._wake.set)

    async def count(self) -> None:
        """Show how much waits to be sent and to be confirmed, for ever; above all when nobody can lead."""
        unconfirmed: Mapping[str, float]
        while True:
            try:
                async with self._database.connection() as connection:
                    metrics.outbox_waiting.set(await waiting(connection))
                    unconfirmed = await receipts.unconfirmed(connection, self._consumers)
            except Exception:  # noqa: BLE001 - what is not known is not shown; the relay itself tells why
                metrics.outbox_waiting.set(math.nan)
                unconfirmed = dict.fromkeys(self._consumers, math.nan)
            for consumer, count in unconfirmed.items():
                metrics.outbox_unconfirmed.labels(consumer).set(count)
            await asyncio.sleep(_LOOK_SECONDS)

    async def run(self) -> None:
        """Relay for ever; whatever happens, try again. Who has no NATS leaves the lead to others, who may have it."""
        while True:
            await self._connected()
            try:
                async with self._database.session() as connection:
                    await lead(connection, _LOCK)
                    log.info("relay_leads")
                    with metrics.relay_leads.track_inprogress():
                        await self._work(connection)
            except Exception as error:  # the outbox must go on
                if will_pass(error):
                    self._trouble.tell(f"database: {type(error).__name__}")
                else:
                    log.exception("relay_failed")
            await asyncio.sleep(_POLL_SECONDS)

    async def _connected(self) -> None:
        """Wait for NATS; tell it when that lasts."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._bus.up.wait()
        except TimeoutError:
            self._trouble.tell("nats: not connected")
            await self._bus.up.wait()

    async def _work(self, connection: Connection) -> None:
        """Send what there is, and what comes, as long as NATS is there."""
        pause = _POLL_SECONDS
        self._look_at = 0.0
        while self._bus.connected:
            self._wake.clear()
            match await self._pass(connection):
                case _Pass.STUCK:
                    self._look_at = 0.0
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                case _Pass.MORE:
                    pause = _POLL_SECONDS
                case _Pass.DONE:
                    pause = _POLL_SECONDS
                    if not await self._purge(connection):
                        await self._rest()

    async def _rest(self) -> None:
        """Wait until there may be something to send."""
        # Not wait_for: before Python 3.12 it swallows a cancellation that meets the wake-up, and stop hangs.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._wake.wait()

    async def _purge(self, connection: Connection) -> bool:
        """Forget a batch of what is not needed, now and then; returns whether there may be more of it.

        What the stream still keeps is never forgotten: should it be lost, all that it held is sent again.
        """
        now = asyncio.get_running_loop().time()
        if not self._consumers or now < self._purge_at:
            return False
        if await purge_outbox(connection, self._consumers, max(self._kept, self._stream_keeps)) == PURGE_BATCH:
            return True
        self._purge_at = now + _PURGE_SECONDS
        return False

    async def _pass(self, connection: Connection) -> _Pass:
        now = asyncio.get_running_loop().time()
        if now >= self._look_at:
            seen = await resend.look(connection, self._bus)
            if seen is not None:
                self._stream_keeps, self._roomy, self._look_at = seen.keeps, seen.roomy, now + _LOOK_SECONDS
        numbered = await number(connection, _BATCH)
        rows, through = await resend.stretch(connection, _BATCH)
        if through:
            return await self._send_again(connection, rows, through)
        sent = await self._send(connection)
        if sent is _Pass.DONE and numbered == _BATCH:
            sent = _Pass.MORE
        return _Pass.MORE if sent is not _Pass.STUCK and await self._send_asked(connection) else sent

    async def _send(self, connection: Connection) -> _Pass:
        """Publish one batch in the order of the numbers, and mark what was taken."""
        rows = await connection.fetch(
            "SELECT number, id, subject, body, (SELECT epoch FROM outbox_state) AS epoch FROM outbox"
            " WHERE number IS NOT NULL AND published_at IS NULL ORDER BY number LIMIT $1",
            _BATCH,
        )
        if not rows:
            return _Pass.DONE
        taken = await self._publish(connection, rows)
        if taken.numbers:
            await connection.execute(  # by their numbers, unless all were given anew while we published
                "UPDATE outbox SET published_at = clock_timestamp()"
                " WHERE number = ANY($1::bigint[]) AND $2 = (SELECT epoch FROM outbox_state)",
                taken.numbers,
                rows[0]["epoch"],
            )
        if taken.trouble:
            return _Pass.STUCK
        return _Pass.MORE if len(rows) == _BATCH else _Pass.DONE

    async def _send_again(self, connection: Connection, rows: Sequence[asyncpg.Record], through: int) -> _Pass:
        """Publish what a lost stream held. What comes after the first that is not taken is sent once more."""
        taken = await self._publish(connection, rows)
        if taken.trouble:
            through = min({row["number"] for row in rows}.difference(taken.numbers)) - 1
        await resend.sent(connection, through)
        return _Pass.STUCK if taken.trouble else _Pass.MORE

    async def _send_asked(self, connection: Connection) -> bool:
        """Send a batch of what consumers ask for; returns whether there may be more of it. What is new never waits."""
        now = asyncio.get_running_loop().time()
        if now < self._asked_at or not self._roomy:
            return False
        self._asked_at = now + _ASKED_SECONDS
        wanted = await asking.stretch(connection, _BATCH)
        if wanted is None:
            return False
        through = None
        if wanted.rows:
            taken = await self._publish(connection, wanted.rows, again=self._nuid.next().decode())
            if taken.trouble:
                through = min({row["number"] for row in wanted.rows}.difference(taken.numbers)) - 1
        await asking.sent(connection, wanted, through)
        if through is None:
            self._asked_at = 0.0
        return through is None

    async def _publish(self, connection: Connection, rows: Sequence[asyncpg.Record], *, again: str = "") -> Taken:
        taken = await publish(self._bus, rows, again=again)
        if taken.numbers:
            crash.point("after_publish")
            await connection.execute(
                "UPDATE outbox_state SET stream_sequence = $1 WHERE stream_sequence < $1", taken.sequence
            )
        if taken.trouble:
            self._trouble.tell(taken.trouble)
        else:
            self._trouble.over()
        return taken


@contextlib.asynccontextmanager
async def relaying(
    database: Database, bus: Bus, *, consumers: Sequence[str] = (), kept: float = WEEK
) -> AsyncIterator[None]:
    """Relay the outbox in the background for the time of the block.

    What all ``consumers`` have confirmed is forgotten ``kept`` seconds after it was published, or when the stream has
    let it go, whichever is later. Without consumers nothing is.
    """
    relay = Relay(database, bus, consumers, kept)
    await receipts.listen(bus, database, consumers)
    async with alongside(relay.run()), alongside(relay.count()):
        yield
