"""How fast the audit service writes down what waits for it: a stream of events, and one process on one core."""

import os
import time
from collections.abc import Iterator
from itertools import islice

import asyncpg
import machine
import nats
from audit_house import AuditHouse, audit_house, processor_of
from house import Process
from log_events import ROUND, Year, lines
from table import Figure

from latchkey_contracts.events import subject
from latchkey_embedded.probe import until
from latchkey_kit.messaging import together
from latchkey_kit.messaging.together import Message

EVENTS = 300_000
AIM = 5000
_TOGETHER = 500
_WARM = 0.05
"""So much of it before the clock starts."""
_PATIENCE = 600


async def measure(events: int = EVENTS) -> list[Figure]:
    """Publish while audit is away, and let it come back."""
    rounds = max(1, events // ROUND)
    async with audit_house() as house:
        await _publish(house, rounds)
        async with house.serving(machine.SERVER) as audit:
            figures = await _watched(house, audit, rounds * ROUND)
        return [*figures, await _proven(house, rounds * ROUND)]


async def _publish(house: AuditHouse, rounds: int) -> None:
    client = await nats.connect(house.nats.url)
    waiting = _messages(rounds)
    try:
        while some := list(islice(waiting, _TOGETHER)):
            if await together.publish(client, some) is None:
                raise RuntimeError("the stream takes no more")
    finally:
        await client.close()


def _messages(rounds: int) -> Iterator[Message]:
    begins = time.time()  # noqa: TID251 - any moment of this month will do
    for line in lines(Year(), rounds=rounds, first=0, start=begins, seconds=rounds):
        columns = line.rstrip("\n").split("\t")
        tenant, event, action, entity, body = columns[0], columns[4], columns[6], columns[8], columns[-1]
        yield Message(subject(action, entity, tenant), body.encode(), {"Nats-Msg-Id": event, "ce-type": action})


async def _watched(house: AuditHouse, audit: Process, events: int) -> list[Figure]:
    await _until(house, int(events * _WARM))
    begun, base = await _now(house, audit)
    await _until(house, events)
    ended, done = await _now(house, audit)
    rows = done["rows"] - base["rows"]
    cpu, postgres, carrier = (done[name] - base[name] for name in ("audit", "postgres", "nats"))
    seconds = ended - begun
    return [
        Figure("events a second that audit catches up", f"{rows / seconds:,.0f}", f">= {AIM:,}",
               f"one process; load {os.getloadavg()[0]:.1f}"),
        Figure(
            "by its processor time", f"{rows / cpu:,.0f}", f">= {AIM:,}",
            f"{cpu / seconds:.0%} of a core; PostgreSQL {postgres / seconds:.0%}, NATS {carrier / seconds:.0%}",
        ),
        Figure("by its and PostgreSQL's processor time", f"{rows / (cpu + postgres):,.0f}"),
    ]  # fmt: skip


async def _now(house: AuditHouse, audit: Process) -> tuple[float, dict[str, float]]:
    return time.perf_counter(), {
        "rows": await _written(house),
        "audit": machine.cpu_seconds(audit.pid),
        "postgres": processor_of(house.folder / "postgres"),
        "nats": machine.cpu_seconds(house.nats.child.pid or 0),
    }


async def _until(house: AuditHouse, events: int) -> None:
    async def are_there() -> bool:
        return await _written(house) >= events

    if not await until(are_there, seconds=_PATIENCE):
        raise RuntimeError(f"{await _written(house)} of {events} were written down in {_PATIENCE} s")


async def _written(house: AuditHouse) -> int:
    connection = await asyncpg.connect(house.dsn)
    try:
        return int(await connection.fetchval("SELECT coalesce(sum(position), 0) FROM chain"))
    finally:
        await connection.close()


async def _proven(house: AuditHouse, events: int) -> Figure:
    """Everything is there, once."""
    connection = await asyncpg.connect(house.dsn)
    try:
        rows, different = await connection.fetchrow("SELECT count(*), count(DISTINCT id) FROM event")
        ranges = await connection.fetchval("SELECT max((SELECT count(*) FROM unnest(numbers))) FROM arrived")
    finally:
        await connection.close()
    note = f"of {events:,}; numbers of each source in {ranges} stretch"
    return Figure("lost and doubled", f"{events - different} / {rows - different}", "0 / 0", note)
