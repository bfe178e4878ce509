"""Finding out when kills are in force everywhere. Every instance looks; one statement, so none is in another's way."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from latchkey_kit.db import PASSING, Database
from latchkey_token.store import settling as store

_EVERY = 0.25
log = structlog.get_logger()


def waking(database: Database) -> asyncio.Event:
    """Set after each commit, in which there may be a kill."""
    wake = asyncio.Event()
    wake.set()
    database.after_commit(wake.set)
    return wake


async def settle_for_ever(
    database: Database, wake: asyncio.Event, settled: Callable[[], None], *, lease: float
) -> None:
    """Look while anything is unsettled, four times a second. ``settled`` is called when something was."""
    while True:
        await wake.wait()
        wake.clear()
        try:
            while await _unsettled(database):
                async with database.connection() as connection:
                    if await store.settle(connection, lease=lease):
                        settled()
                await asyncio.sleep(_EVERY)
        except (asyncpg.PostgresError, *PASSING) as error:
            log.warning("kills_not_settled_yet", reason=type(error).__name__)
            wake.set()
            await asyncio.sleep(_EVERY)


async def _unsettled(database: Database) -> bool:
    async with database.connection() as connection:
        return not await store.is_settled(connection)
