"""Reading all that somebody may have, as it is at one moment and without holding it in memory."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from latchkey_kit.db import Connection, Database
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.parameters import Selection
from latchkey_records.domain.portfolio import Reach
from latchkey_records.store.records import Fields, Record, record_of, select

_AT_A_TIME: Final = 200
_STATEMENT_SECONDS: Final = 60.0
# Who reads slowly holds a snapshot open, which keeps the database from tidying up.
_LIMITS: Final = (
    f"SET statement_timeout = '{_STATEMENT_SECONDS:.0f}s'; SET idle_in_transaction_session_timeout = '60s'; "
    "SET transaction_timeout = '15min'"
)


class Reading(NamedTuple):
    """``total`` is how many records ``batches`` hold together."""

    total: int
    batches: AsyncIterator[list[Record]]


@contextlib.asynccontextmanager
async def reading(
    database: Database, kind: Kind, reach: Reach, shown: Fields, asked: Selection
) -> AsyncIterator[Reading]:
    """Read over a connection outside the pool, in one snapshot, for the time of the block."""
    statement = select(kind, reach, shown, asked)
    async with database.session() as connection:
        await connection.execute(_LIMITS)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            counting = f"SELECT count(*) FROM ({statement.text}) AS asked"  # noqa: S608 - names of our models
            total = await connection.fetchval(counting, *statement.values, timeout=_STATEMENT_SECONDS)
            yield Reading(total, _batches(connection, statement.text, statement.values))


async def _batches(connection: Connection, text: str, values: list[object]) -> AsyncIterator[list[Record]]:
    cursor = await connection.cursor(text, *values, timeout=_STATEMENT_SECONDS)
    while rows := await cursor.fetch(_AT_A_TIME, timeout=_STATEMENT_SECONDS):
        yield [record_of(row) for row in rows]
