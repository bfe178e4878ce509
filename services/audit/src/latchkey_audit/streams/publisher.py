"""Leading: of several instances one keeps the streams server as the database says, and copies the log to it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from latchkey_audit.store import streaming
from latchkey_audit.streams.copying import Copying
from latchkey_audit.streams.server import StreamsError
from latchkey_audit.streams.stream import Stream
from latchkey_audit.streams.upkeep import Upkeep
from latchkey_kit.db import Connection, Database, will_pass
from latchkey_kit.leading import lead
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_LOCK = 0x1A7C6  # any fixed number but the relay's; the lock is the database's own
_POLL_SECONDS = 0.25
_LONGEST_PAUSE = 2.0
_LOOK_SECONDS = 30.0
_SWEEP_SECONDS = 1.0
log = structlog.get_logger()

Sweep = Callable[[], Awaitable[None]]
"""What the leader does once a second besides."""


class Publisher:
    def __init__(self, database: Database, stream: Stream, upkeep: Upkeep, sweep: Sweep) -> None:
        self._database = database
        self._stream = stream
        self._upkeep = upkeep
        self._sweep = sweep
        self._copying = Copying(stream, upkeep)
        self._wake = asyncio.Event()
        self._look_at = 0.0
        self._sweep_at = 0.0
        self._trouble = Trouble("audit_stream_waits")
        database.after_commit(self._wake.set)

    async def run(self) -> None:
        """Lead for ever; whatever happens, try again. Who has no streams server leaves the lead to others."""
        while True:
            await self._stream.bus.up.wait()
            try:
                async with self._database.session() as connection:
                    await lead(connection, _LOCK)
                    log.info("audit_stream_leads")
                    with metrics.stream_leads.track_inprogress():
                        await self._work(connection)
            except Exception as error:  # the consumers must go on
                if will_pass(error):
                    self._trouble.tell(f"database: {type(error).__name__}")
                else:
                    log.exception("audit_stream_failed")
            await asyncio.sleep(_POLL_SECONDS)

    async def _work(self, connection: Connection) -> None:
        self._look_at = self._sweep_at = 0.0
        self._copying = Copying(self._stream, self._upkeep)  # somebody else has led meanwhile
        pause = _POLL_SECONDS
        while self._stream.bus.connected and not connection.is_closed():
            self._wake.clear()
            try:
                more = await self._pass(connection)
            except (StreamsError, *AWAY) as error:
                self._trouble.tell(f"streams: {type(error).__name__} {error}")
                self._look_at = 0.0
                self._copying = Copying(self._stream, self._upkeep)  # what it knows may be wrong
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._trouble.over()
                pause = _POLL_SECONDS
                if not more:
                    await self._rest()

    async def _pass(self, connection: Connection) -> bool:
        """Remove before anything else; then compare, make ready, copy. Returns whether there is more to do."""
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            await self._sweep()
            self._sweep_at = now + _SWEEP_SECONDS
        due = await streaming.due(connection)
        await self._upkeep.clear(connection, [one for one in due if one.removed])
        if now >= self._look_at:
            await self._upkeep.look(connection)
            self._look_at = now + _LOOK_SECONDS
            return True
        if unready := [one for one in due if not one.removed and not one.ready]:
            await self._upkeep.make_ready(connection, unready)
            return True
        return await self._copying.some(connection, [one for one in due if not one.removed])

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        # Not wait_for: before Python 3.12 it swallows a cancellation that meets the wake-up, and stop hangs.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._wake.wait()
