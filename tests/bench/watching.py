"""Sixteen verifiers in a few processes, asked about one token at a time."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import machine
from apps import AUDIENCES
from house import ORIGIN, House

PROCESSES, EACH = 4, 4
VERIFIERS = PROCESSES * EACH
RATE = 2000
"""Requests a second, of all verifiers together."""
_PROGRAM = Path(__file__).with_name("watchers.py")


class Watchers:
    """What the verifiers of all processes say."""

    def __init__(self, processes: list[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    async def last_acceptance(self, token: str, kill: Callable[[], Awaitable[None]]) -> float:
        """Let all accept a token, kill it, and wait until all refuse it; when the last one accepted it."""
        for process in self._processes:
            process.stdin.write(token.encode() + b"\n")
        await asyncio.gather(*map(self._line, self._processes))
        await kill()
        return max(map(float, await asyncio.gather(*map(self._line, self._processes))))

    async def _line(self, process: asyncio.subprocess.Process) -> bytes:
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError("a process of verifiers ended")
        return line


@contextlib.asynccontextmanager
async def watching(house: House) -> AsyncIterator[Watchers]:
    """Run them for the time of the block."""
    facts = [EACH, ORIGIN, AUDIENCES[0], house.heads.internal_url, house.nats.url, RATE / VERIFIERS]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    processes = []
    try:
        for _ in range(PROCESSES):
            process = await asyncio.create_subprocess_exec(sys.executable, _PROGRAM, *map(str, facts), **pipes)
            os.sched_setaffinity(process.pid, machine.CORES[1:] or machine.CORES)
            processes.append(process)
        yield Watchers(processes)
    finally:
        for process in processes:
            process.terminate()
            await process.wait()
