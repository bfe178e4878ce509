"""Telling every source how far its events are all here, so that it may forget them; and seeing what is missing."""

import asyncio
import math

import structlog

from latchkey_audit.store import arrivals
from latchkey_audit.store.arrivals import Reach
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.receipts import confirm

_NAME = "audit"
_EVERY_SECONDS = 3.0
PATIENCE_SECONDS = 60.0
"""Until a gap is as old as this, what is missing may be on the way, or be read by another instance at this moment."""
log = structlog.get_logger()


class Receipts:
    """Sent every few seconds, by every instance: they all look at the same table."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._gaps = Gaps(clock)

    async def send_for_ever(self) -> None:
        while True:
            try:
                await self._send()
            except Exception as error:  # the next time will do
                if not will_pass(error):
                    log.exception("receipts_failed")
            await asyncio.sleep(_EVERY_SECONDS)

    async def _send(self) -> None:
        async with self._database.connection() as connection:
            known = await arrivals.reaches(connection, _NAME)
        for reach in known:
            await confirm(self._bus, _NAME, reach.source, reach.epoch, reach.through)
            self._gaps.see(reach)


class Gaps:
    """Tells once of each gap that stays."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[tuple[str, str], tuple[int, float]] = {}

    def see(self, reach: Reach) -> None:
        """Look at how far one source's events are here now."""
        about = (reach.source, reach.epoch)
        if not reach.holes:
            self._since.pop(about, None)
            return
        through, since = self._since.get(about, (-1, 0.0))
        if through != reach.through:
            self._since[about] = (reach.through, self._clock.boot())
        elif self._clock.boot() - since >= PATIENCE_SECONDS:
            self._since[about] = (through, math.inf)  # told
            first, last = reach.holes[0]
            log.error("events_missing", source=reach.source, epoch=reach.epoch, first=first, last=last)
