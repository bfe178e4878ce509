"""Filling audit's tables with a year, several months at once: `log_filling.py <dsn> <month> <rounds>` fills one.

A month is copied into a table that nobody reads yet, gets the indexes that `event` has, and is attached at last, as
whoever moves a log would do it. Hashes are noise, and numbers are those of all sources together: nothing verifies them.
"""

import asyncio
import datetime as dt
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

import asyncpg
import machine
from log_events import ROUND, Year, lines

from latchkey_kit.clock import SystemClock

MONTHS = 12
KEPT = 12
_AT_ONCE = max(1, len(machine.CORES) - 1)
_LINES = 2000
_PATIENCE = 3600
_COLUMNS = (
    "tenant_id", "position", "kept", "recorded", "id", "at", "action", "result", "entity_id", "user_id", "client_id",
    "connection_id", "address", "source", "epoch", "number", "words", "hash", "body",
)  # fmt: skip


async def fill(dsn: str, events: int) -> int:
    """Fill an empty log; returns how many events there are then, for every month has the same."""
    rounds = max(1, round(events / MONTHS / ROUND))
    connection = await asyncpg.connect(dsn, command_timeout=_PATIENCE)
    try:
        for first in _months():
            await connection.execute(f"DROP TABLE IF EXISTS {_table(first)}")
        turns = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(_one(turns, dsn, place, rounds) for place in range(MONTHS)))
        for first in _months():
            await connection.execute(
                f"ALTER TABLE event_{KEPT} ATTACH PARTITION {_table(first)}"
                f" FOR VALUES FROM ('{first}') TO ('{_next(first)}')"
            )
        await connection.executemany(
            "INSERT INTO chain (tenant_id, position, kept) VALUES ($1, $2, $3)",
            [(tenant.id, tenant.share * rounds * MONTHS, KEPT) for tenant in Year().tenants],
        )
        await connection.execute("VACUUM ANALYZE event")
    finally:
        await connection.close()
    return rounds * ROUND * MONTHS


def _months() -> list[dt.datetime]:
    """First moments of the months that are filled; the last is the one of now."""
    now = SystemClock().now()
    months = range(now.year * 12 + now.month - MONTHS, now.year * 12 + now.month)
    return [dt.datetime(one // 12, one % 12 + 1, 1, tzinfo=dt.UTC) for one in months]


def _next(first: dt.datetime) -> dt.datetime:
    return (first + dt.timedelta(days=32)).replace(day=1)


def _table(first: dt.datetime) -> str:
    return f"event_{KEPT}_{first:%Y%m}"


async def _one(turns: asyncio.Semaphore, dsn: str, place: int, rounds: int) -> None:
    async with turns:
        process = await asyncio.create_subprocess_exec(sys.executable, Path(__file__), dsn, str(place), str(rounds))
        if await process.wait():
            raise RuntimeError(f"month {place} was not filled")


async def _fill_month(dsn: str, place: int, rounds: int) -> None:
    first = _months()[place]
    seconds = (min(_next(first), SystemClock().now()) - first).total_seconds()
    made = lines(Year(), rounds=rounds, first=place * rounds, start=first.timestamp(), seconds=seconds)
    connection = await asyncpg.connect(dsn, command_timeout=_PATIENCE)
    try:
        await connection.execute("SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0")
        async with connection.transaction():  # what is copied into a table of this transaction skips the log ahead
            await connection.execute(f"CREATE TABLE {_table(first)} (LIKE event INCLUDING DEFAULTS)")
            await connection.copy_to_table(_table(first), source=_bytes(made), columns=_COLUMNS, timeout=_PATIENCE)
        for statement in await connection.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = 'event'"):
            await connection.execute(_index_on(_table(first), statement["indexdef"]))
    finally:
        await connection.close()


def _index_on(table: str, definition: str) -> str:
    """The same index on another table; PostgreSQL gives it a name."""
    head, _, tail = definition.partition(" ON ")
    return f"{head.rpartition(' ')[0]} ON {table} {tail[tail.index('USING') :]}"


async def _bytes(made: Iterator[str]) -> AsyncIterator[bytes]:
    while some := "".join(islice(made, _LINES)):
        yield some.encode()


if __name__ == "__main__":
    asyncio.run(_fill_month(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
