"""Verifiers as resource servers embed them, several in a process: who accepts a token longest after its kill?

`watchers.py <how many> <issuer> <audience> <address of heads> <address of NATS> <requests/s of each>`. A line of input
is an access token: each verifier then checks it all the time. `watching` is printed when all have accepted it, and
when all have refused it, the time of the last acceptance.
"""

import asyncio
import contextlib
import sys
import time

import aiohttp
import uvloop
from house import credential

from latchkey_kit.clock import SystemClock
from latchkey_kit.messaging import bus
from latchkey_kit.requests import Peer
from latchkey_kit.telemetry import logs
from latchkey_verify.errors import InvalidToken, NoLease
from latchkey_verify.heads import Heads
from latchkey_verify.verifier import Verifier, VerifierSettings, verifying

_CALLER = "records"


class Watch:
    """One verifier, and one token that it is asked about."""

    def __init__(self, verifier: Verifier, audience: str) -> None:
        self._verifier = verifier
        self._audience = audience
        self.accepted = asyncio.Event()
        self.last = 0.0

    async def until_refused(self, token: str, pause: float, offset: float) -> None:
        self.accepted.clear()
        await asyncio.sleep(offset)
        due = time.perf_counter()
        while await self._accepts(token) or not self.accepted.is_set():
            due += pause
            await asyncio.sleep(due - time.perf_counter())

    async def _accepts(self, token: str) -> bool:
        try:
            await self._verifier.check(token, self._audience)
        except (InvalidToken, NoLease):
            return False
        self.last = time.time()  # noqa: TID251 - compared with the clock of PostgreSQL, on the same machine
        self.accepted.set()
        return True


async def main(count: int, issuer: str, audience: str, heads_url: str, nats_url: str, rate: float) -> None:
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        watches = []
        for number in range(count):
            http = await stack.enter_async_context(aiohttp.ClientSession())
            heads = Peer(http, heads_url, _CALLER, credential(_CALLER))
            nats = await stack.enter_async_context(bus.connecting(nats_url, "", "", _CALLER))
            settings = VerifierSettings(issuer=issuer, audiences=(audience,), name=f"bench-{number}")
            verifier = await stack.enter_async_context(verifying(settings, Heads([heads]), heads, nats, clock))
            await verifier.ready()
            watches.append(Watch(verifier, audience))
        lines = await _input()
        while token := (await lines.readline()).decode().strip():
            await _watch(watches, token, 1 / rate)


async def _watch(watches: list[Watch], token: str, pause: float) -> None:
    async with asyncio.TaskGroup() as group:
        for number, watch in enumerate(watches):
            group.create_task(watch.until_refused(token, pause, pause * number / len(watches)))
        await asyncio.gather(*(watch.accepted.wait() for watch in watches))
        print("watching", flush=True)
    print(max(watch.last for watch in watches), flush=True)


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    logs.configure("verifier", "error")
    uvloop.run(main(int(sys.argv[1]), *sys.argv[2:6], float(sys.argv[6])))
