"""Requests a second of one token process on one core, beside a bare handler on the same core."""

import contextlib
import statistics
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import machine
import msgspec
from generator import generate
from house import House, Process, pinned, until_it_listens
from load import Done, Job
from table import Figure

from latchkey_embedded import free_port

ROUNDS, SECONDS = 5, 1.5
AIM = 0.40
_BARE = Path(__file__).with_name("bare.py")


class Work(Protocol):
    """What clients do all the time. `job` is the next round of it, `done` tells how that went."""

    name: str

    async def job(self, seconds: float) -> Job: ...
    def done(self, how: Done) -> None: ...


@dataclass
class _Side:
    """The rounds of one process: answers a second, share of its core, and seconds of processor an answer."""

    rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    async def go(self, process: Process, job: Job) -> Done:
        busy, cpu = machine.Busy(process.pid), machine.cpu_seconds(process.pid)
        how = await generate(job)
        self.costs.append((machine.cpu_seconds(process.pid) - cpu) / how.answers)
        self.shares += busy.shares()
        self.rates.append(how.answers / how.seconds)
        self.latencies += how.latencies
        return how


async def measure(house: House, works: list[Work], rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Figure]:
    """Do the works in turn, each beside the bare handler, as often as there are rounds."""
    async with _bare_handler() as bare:
        for work in works:
            work.done(await generate(await work.job(0.5)))  # warm
        sides = {work.name: (_Side(), _Side()) for work in works}
        for _ in range(rounds):
            for work in works:
                ours, theirs = sides[work.name]
                job = await work.job(seconds)
                how = await ours.go(house.token, job)
                work.done(how)
                await theirs.go(bare, _same_bytes(job, bare, how, seconds))
    return [_figure(name, *both) for name, both in sides.items()]


def _same_bytes(job: Job, bare: Process, how: Done, seconds: float) -> Job:
    changes = {"port": bare.port, "path": f"/{how.size}", "follow": "", "collect": [], "repeat": True}
    return msgspec.structs.replace(job, **changes, seconds=seconds)


def _figure(name: str, ours: _Side, theirs: _Side) -> Figure:
    ratio = statistics.median(one / other for one, other in zip(ours.rates, theirs.rates, strict=True))
    cost = statistics.median(ours.costs) / statistics.median(theirs.costs)
    latencies = sorted(ours.latencies)
    return Figure(
        name,
        f"{ratio:.2f}",
        f">= {AIM:.2f}",
        f"{statistics.median(ours.rates):,.0f}/s, bare {statistics.median(theirs.rates):,.0f}/s;"
        f" p50 {latencies[len(latencies) // 2] * 1e3:.1f}, p99 {latencies[len(latencies) * 99 // 100] * 1e3:.1f} ms;"
        f" by processor time {1 / cost:.2f} ({statistics.median(ours.costs) * 1e6:.0f} us an answer);"
        f" core {statistics.median(ours.shares):.0%} busy, bare {statistics.median(theirs.shares):.0%}",
    )


@contextlib.asynccontextmanager
async def _bare_handler() -> AsyncIterator[Process]:
    port = free_port()
    with pinned([sys.executable, _BARE, str(port)], machine.SERVER) as child:
        process = Process(child, port)
        await until_it_listens(process)
        yield process
