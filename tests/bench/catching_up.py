"""Audit is off while a million events pass: nothing is lost, it catches up, and kills stay as fast meanwhile."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

import apps
import asyncpg
import audit_house
import house as houses
import machine
from audit_house import DATABASE, PACKAGES
from deaths import Deaths
from house import House, Process, create_database, ready, started
from log_events import ROUND, Year, lines
from table import Figure
from watching import watching

from latchkey_contracts.events import subject
from latchkey_kit.migrate import migrate

EVENTS = 1_000_000
KILLS = 20
AIM = 5000
_ROWS = 10_000
_BETWEEN = 2.0
"""Seconds between two looks, for they cost something."""
_NOTED = """
    SELECT coalesce(sum(upper(one) - lower(one)), 0)::bigint FROM arrived, unnest(numbers) AS one WHERE source = 'token'
"""
_UNSENT = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_PATIENCE = 1800
_STANDS_STILL = 15.0
"""Seconds without one event more, and it is told how far things came."""


async def measure(events: int = EVENTS) -> list[Figure]:
    """Let them pass through the outbox of the token service, while its connections are killed one by one."""
    async with houses.running() as house, watching(house) as watchers:
        await create_database(house.postgres, DATABASE)
        await migrate(house.postgres.dsn(DATABASE), PACKAGES)
        deaths = Deaths(house, watchers, await apps.an_app(house))
        usual = [await deaths.of_one() for _ in range(KILLS)]
        await _commit(house, events)
        begun = time.perf_counter()
        passing = await _killing_until(house, deaths, _unsent)
        left, passed = await _unsent(house), time.perf_counter() - begun
        figures = [
            Figure("events a second that leave the outbox", f"{(events - left) / passed:,.0f}", "",
                   f"{events:,}; {left:,} were refused by the stream and wait in it")
        ]  # fmt: skip
        environ = audit_house.environ(
            house.postgres, house.nats, heads=house.heads.internal_url, neighbours=house.neighbours_url
        )
        with started("serve", environ, house.folder, machine.SERVER, service="audit") as audit:
            await ready(audit)
            begun, cpu = time.perf_counter(), machine.cpu_seconds(audit.pid)
            catching = await _killing_until(house, deaths, _missing)
            figures.append(await _caught_up(house, audit, begun, cpu))
        return [
            *figures, await _proven(house),
            _deaths("time to dead, usually", usual),
            _deaths("time to dead while they pass", passing),
            _deaths("time to dead while audit catches up", catching),
        ]  # fmt: skip


async def _commit(house: House, events: int) -> None:
    """Put them into the outbox, at once."""
    rows = _rows(events)
    connection = await asyncpg.connect(house.postgres.dsn("latchkey_token"), command_timeout=_PATIENCE)
    try:
        async with connection.transaction():
            while some := list(islice(rows, _ROWS)):
                await connection.copy_records_to_table("outbox", records=some, columns=("id", "subject", "body"))
    finally:
        await connection.close()


def _rows(events: int) -> Iterator[tuple[str, str, bytes]]:
    """What the token service has to tell; of a year that is more than half."""
    rounds = 2 * events // ROUND + 1
    begins = time.time()  # noqa: TID251 - any moment of this month will do
    rows = (
        line.rstrip("\n").split("\t") for line in lines(Year(), rounds=rounds, first=0, start=begins, seconds=rounds)
    )
    for columns in islice((columns for columns in rows if columns[13] == "token"), events):
        body = columns[-1].partition(',"epoch":')[0] + "}"
        yield columns[4], subject(columns[6], columns[8], columns[0]), body.encode()


async def _killing_until(house: House, deaths: Deaths, left: Callable[[House], Awaitable[int]]) -> list[float]:
    """Kill a connection now and then until there is nothing left, or it gets no less."""
    times, least, since = [], await left(house), time.perf_counter()
    while least and time.perf_counter() - since < _STANDS_STILL:
        times.append(await deaths.of_one())
        await asyncio.sleep(_BETWEEN)
        if (now := await left(house)) < least:
            least, since = now, time.perf_counter()
    return times


async def _unsent(house: House) -> int:
    return await _ask(house, "latchkey_token", _UNSENT)


async def _missing(house: House) -> int:
    given = await _ask(house, "latchkey_token", "SELECT count(*) FROM outbox")
    return given - await _audit(house, _NOTED)


async def _audit(house: House, question: str) -> int:
    return await _ask(house, DATABASE, question)


async def _ask(house: House, database: str, question: str):
    connection = await asyncpg.connect(house.postgres.dsn(database), command_timeout=_PATIENCE)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def _caught_up(house: House, audit: Process, begun: float, cpu: float) -> Figure:
    passed, cpu = time.perf_counter() - begun, machine.cpu_seconds(audit.pid) - cpu
    rows = await _audit(house, "SELECT sum(position)::bigint FROM chain")
    return Figure(
        "events a second that audit catches up", f"{rows / passed:,.0f}", f">= {AIM:,}",
        f"{rows:,} in {passed:.0f} s; by its processor time {rows / cpu:,.0f}; load {os.getloadavg()[0]:.1f}",
    )  # fmt: skip


async def _proven(house: House) -> Figure:
    missing, rows = await _missing(house), await _audit(house, "SELECT count(*) FROM event")
    different = await _audit(house, "SELECT count(DISTINCT id) FROM event")
    noted = await _audit(house, "SELECT numbers::text FROM arrived WHERE source = 'token'")
    return Figure("lost and doubled", f"{missing:,} / {rows - different:,}", "0 / 0", f"{noted} of token has come")


def _deaths(name: str, times: list[float]) -> Figure:
    if not times:
        return Figure(name, "-", "<= 5 ms", "it was over at once")
    note = f"most {1000 * max(times):.1f} ms; {len(times)} kills"
    return Figure(name, f"{1000 * statistics.median(times):.1f} ms", "<= 5 ms", note)
