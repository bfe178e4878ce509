"""The operator says that the database was restored, or a standby promoted, and may have lost commits."""

import datetime as dt

from aiohttp import web

from latchkey_contracts import feed as vocabulary
from latchkey_contracts.requests.grants import Applied
from latchkey_kit.db import Database
from latchkey_kit.messaging import numbering
from latchkey_kit.web.bodies import answer
from latchkey_token.store import feed, kills, restore
from latchkey_token.store.kills import Cut

_EVERYTHING = Cut(kind=vocabulary.ALL, key="", source="restore", reason="database.restored")


class Restored:
    """What was lost may have been kills: so every connection ends, and no number is given twice. ``lease`` in s."""

    def __init__(self, database: Database, *, lease: float) -> None:
        self._database = database
        self._lease = dt.timedelta(seconds=lease)

    async def __call__(self, _request: web.Request) -> web.Response:
        async with self._database.transaction() as connection:
            await kills.begin(connection)
            await restore.leap_births(connection)
            number = await kills.kill_many(connection, [_EVERYTHING], leap=restore.LEAP)
            await restore.start_new_epoch(connection)
        async with self._database.transaction() as connection:
            await numbering.start_new_epoch(connection)
            in_force = await feed.now(connection) + self._lease
        return answer(Applied(number=number, effective_at=in_force))
