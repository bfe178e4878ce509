"""Bringing floors to the token service, for as long as it takes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg

from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.db import UNREACHABLE, Database
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble
from latchkey_permissions.store import floors

_BATCH = 500
_RETRY = 0.25
"""Seconds between attempts while something is in the way."""
_IDLE = 2.0
"""Seconds after which we look again unasked: another instance may have died between its commit and its delivery."""
_PATIENCE = 1.0
"""Seconds that a caller waits at most for its floor to arrive."""
_IN_THE_WAY = (PeerUnavailable, PeerRefused, asyncpg.PostgresError, *UNREACHABLE)


class FloorCourier:
    """Sends what is committed to ``pending_floor``, and forgets it once the token service confirmed it.

    A floor may arrive twice or after a newer one; the token service keeps the highest.
    """

    def __init__(self, database: Database, token: Peer) -> None:
        self._database = database
        self._token = token
        self._wake = asyncio.Event()
        self._callers: list[asyncio.Future[None]] = []
        self._trouble = Trouble("floors_delayed")

    async def deliver(self) -> None:
        """Send at once what was committed before this call; returns when that was tried, or after a second."""
        tried = asyncio.get_running_loop().create_future()
        self._callers.append(tried)
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await tried

    async def run(self) -> None:
        while True:
            self._wake.clear()
            callers, self._callers = self._callers, []
            pause = await self._try()
            for caller in callers:
                if not caller.done():
                    caller.set_result(None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _try(self) -> float:
        """Send everything; returns the seconds to wait for the next time."""
        try:
            while await self._send_batch():
                pass
        except _IN_THE_WAY as error:
            self._trouble.tell(f"{type(error).__name__}: {str(error)[:200]}")
            return _RETRY
        self._trouble.over()
        return _IDLE

    async def _send_batch(self) -> bool:
        """Say whether there may be more."""
        async with self._database.connection() as connection:
            batch = await floors.waiting(connection, _BATCH)
        if not batch.rows:
            return False
        await self._token.ask(TokenApply(floors=batch.floors))
        async with self._database.connection() as connection:
            await floors.confirm(connection, batch.rows)
        return len(batch.rows) == _BATCH


@contextlib.asynccontextmanager
async def carrying(database: Database, token: Peer) -> AsyncIterator[FloorCourier]:
    """Run a courier for the time of the block."""
    courier = FloorCourier(database, token)
    async with alongside(courier.run()):
        yield courier
