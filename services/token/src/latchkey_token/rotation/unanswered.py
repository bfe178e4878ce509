"""Our failures never look like theft: who may have missed an answer is written down until the row tells of it."""

import asyncio

import asyncpg
import structlog

from latchkey_kit.db import UNREACHABLE, Database
from latchkey_token.store import rotation as store

_PAUSE = 0.2
log = structlog.get_logger()


class Unanswered:
    """Marks exchanges whose answer may be lost. A mark holds in this process at once, in the row as soon as it can."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unwritten: dict[str, int] = {}
        self._wake = asyncio.Event()

    def holds(self, connection_id: str, generation: int) -> bool:
        """Whether a mark waits to be written."""
        return self._unwritten.get(connection_id) == generation

    async def mark(self, connection_id: str, generation: int) -> None:
        """Remember that the answer to this generation may be lost. Never raises for a database that is away."""
        self._unwritten[connection_id] = generation
        if not await self._write(connection_id, generation):
            self._wake.set()

    async def write_for_ever(self) -> None:
        """Write, in the background, what could not be written at once."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._unwritten:
                for connection_id, generation in list(self._unwritten.items()):
                    await self._write(connection_id, generation)
                if self._unwritten:
                    await asyncio.sleep(_PAUSE)

    async def _write(self, connection_id: str, generation: int) -> bool:
        try:
            async with self._database.connection() as connection:
                await store.mark_unanswered(connection, connection_id, generation)
        except (asyncpg.PostgresError, *UNREACHABLE) as error:
            log.warning("unanswered_not_written_yet", connection=connection_id, reason=type(error).__name__)
            return False
        if self._unwritten.get(connection_id) == generation:
            del self._unwritten[connection_id]
        return True
