"""Now and then: codes that nobody came for leave the table, and the feed's horizon moves on."""

import asyncio

import asyncpg
import structlog

from latchkey_kit.db import PASSING, Database
from latchkey_token.store import births, settling

_EVERY = 60.0
_MARGIN = 300
_AT_ONCE = 1000
log = structlog.get_logger()


async def sweep_for_ever(database: Database) -> None:
    """Sweep now and then; a database that is away is met again at the next round."""
    while True:
        await asyncio.sleep(_EVERY)
        try:
            async with database.transaction() as connection:
                swept = await births.sweep_unexchanged(connection, margin=_MARGIN, limit=_AT_ONCE)
            async with database.transaction() as connection:
                horizon = await settling.move_horizon(connection, margin=_MARGIN)
        except (asyncpg.PostgresError, *PASSING) as error:
            log.warning("sweep_failed", reason=type(error).__name__)
        else:
            log.debug("swept", codes=swept, horizon=horizon)
