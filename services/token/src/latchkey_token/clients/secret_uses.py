"""When each secret was last used: noted in memory, and written beside the requests."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import structlog

from latchkey_kit.clock import Clock
from latchkey_kit.db import PASSING, Database
from latchkey_kit.tasks import alongside
from latchkey_token.store import secret_uses as store

_EVERY: Final = 60.0
_PAUSE: Final = 1.0
_MOST: Final = 10_000
log = structlog.get_logger()


class SecretUses:
    """At most one write a minute for a secret, in each process. No request waits for it, or fails with it.

    Secrets are named by their SHA-256, in hexadecimal.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._unwritten: set[str] = set()
        self._wake = asyncio.Event()

    def note(self, secret: str) -> None:
        """Somebody has authenticated with it just now."""
        now = self._clock.boot()
        if now - self._noted.get(secret, float("-inf")) < _EVERY:
            return
        self._noted[secret] = now
        self._noted.move_to_end(secret)
        if len(self._noted) > _MOST:
            self._noted.popitem(last=False)
        self._unwritten.add(secret)
        self._wake.set()

    async def write_for_ever(self) -> None:
        """Write what is noted, as it comes; what comes while a statement is under way goes with the next."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.write():
                self._wake.set()
                await asyncio.sleep(_PAUSE)

    async def write(self) -> bool:
        """Write what is noted; returns whether that was possible. What was not is kept."""
        batch, self._unwritten = self._unwritten, set()
        if not batch:
            return True
        try:
            async with self._database.connection() as connection:
                await store.note(connection, batch)
        except asyncio.CancelledError:
            self._unwritten |= batch
            raise
        except (asyncpg.PostgresError, *PASSING) as error:
            self._unwritten |= batch
            log.warning("secret_uses_not_written_yet", reason=type(error).__name__)
            return False
        return True


@contextlib.asynccontextmanager
async def noting_uses(database: Database, clock: Clock) -> AsyncIterator[SecretUses]:
    """Note uses for the time of the block; what is left is written at its end."""
    made = SecretUses(database, clock)
    try:
        async with alongside(made.write_for_ever()):
            yield made
    finally:
        await made.write()
