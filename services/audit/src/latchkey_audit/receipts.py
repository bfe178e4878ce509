"""Telling every source how far its events are all here, so that it may forget them; and asking for what is missing."""

import asyncio

import structlog

from latchkey_audit.gaps import Gaps
from latchkey_audit.store import arrivals
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.receipts import confirm
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_NAME = "audit"
_EVERY_SECONDS = 3.0
log = structlog.get_logger()


class Receipts:
    """Sent every few seconds, by every instance: they all look at the same table."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._gaps = Gaps(clock)
        self._trouble = Trouble("receipts_wait")

    async def send_for_ever(self) -> None:
        while True:
            try:
                await self._send()
            except Exception as error:  # the next time will do
                if will_pass(error):
                    self._trouble.tell(type(error).__name__)
                else:
                    log.exception("receipts_failed")
            else:
                self._trouble.over()
            await asyncio.sleep(_EVERY_SECONDS)

    async def _send(self) -> None:
        async with self._database.connection() as connection:
            known = await arrivals.reaches(connection, _NAME)
        for reach in known:  # of a source's epochs the newest comes last, and that is the one shown
            missing = self._gaps.see(reach)
            metrics.audit_missing.labels(reach.source).set(self._gaps.overdue(reach))
            await confirm(self._bus, _NAME, reach.source, reach.epoch, reach.through, missing)
