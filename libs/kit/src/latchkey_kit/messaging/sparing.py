"""Telling of what may come in floods: the first at once, and once a minute how often it came since."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from typing import Final

import asyncpg
import msgspec
import structlog

from latchkey_contracts.events import Event
from latchkey_kit.clock import Clock
from latchkey_kit.db import PASSING, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry import facts

_EVERY: Final = 60.0
_LOOK_SECONDS: Final = 5.0
_MOST: Final = 2000
log = structlog.get_logger()


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """``event`` makes the event from how often it came. ``tenant``, ``user`` and ``client`` as in `Outbox.add`."""

    event: Callable[[int], Event]
    tenant: str | None
    user: str | None = None
    client: str | None = None


class _Kept(msgspec.Struct, kw_only=True):
    """What came last, and how often since it was told."""

    told_at: float
    telling: Telling
    about: facts.RequestFacts
    times: int = 0


class Sparing:
    """Counts by key, in this process and in bounded memory; what is told is about the newest request of its key.

    Nothing here raises for a database that is away: the answer does not hang on its being told.
    """

    def __init__(self, database: Database, outbox: Outbox, clock: Clock, *, most: int = _MOST) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def tell(self, key: Hashable, telling: Telling) -> None:
        """Tell, if it was not told within a minute; else count."""
        now, about = self._clock.boot(), facts.current()
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _Kept(told_at=now - _EVERY, telling=telling, about=about)
        kept.telling, kept.about = telling, about
        kept.times += 1
        if now - kept.told_at >= _EVERY:
            await self._write(kept)
        while len(self._kept) > self._most:
            await self._write(self._kept.popitem(last=False)[1])

    async def tell_counted(self) -> None:
        """Tell what came since it was told, where a minute has passed, and forget what did not come again."""
        now = self._clock.boot()
        for key, kept in list(self._kept.items()):
            if now - kept.told_at < _EVERY:
                continue
            if kept.times:
                await self._write(kept)
            else:
                self._kept.pop(key, None)

    async def run(self) -> None:
        """Tell what was counted, for ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.tell_counted()

    async def finish(self) -> None:
        """Tell what is left."""
        while self._kept:
            await self._write(self._kept.popitem(last=False)[1])

    async def _write(self, kept: _Kept) -> None:
        times, one = kept.times, kept.telling
        if not times:
            return
        # Before the wait: who comes meanwhile is counted, and does not tell as well.
        kept.times, kept.told_at = 0, self._clock.boot()
        try:
            with facts.about(kept.about):
                async with self._database.transaction() as connection:
                    await self._outbox.add(
                        connection, one.event(times), tenant=one.tenant, user=one.user, client=one.client
                    )
        except asyncio.CancelledError:
            kept.times += times  # the service ends, and tells what is left
            raise
        except (asyncpg.PostgresError, *PASSING) as error:
            kept.times += times
            log.warning("refusal_not_told_yet", reason=type(error).__name__)


@contextlib.asynccontextmanager
async def sparing(database: Database, outbox: Outbox, clock: Clock) -> AsyncIterator[Sparing]:
    """Tell sparingly for the time of the block; what was counted is told at its end."""
    made = Sparing(database, outbox, clock)
    try:
        async with alongside(made.run()):
            yield made
    finally:
        await made.finish()
