"""Processes of the small service, and what they came to, for tests that kill them."""

import asyncio
import contextlib
import itertools
import os
import signal
import sys
from pathlib import Path

import asyncpg
import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_kit.testing import eventually

SCRIPT = Path(__file__).with_name("small_service.py")
_ids = itertools.count(1)


class Process:
    """One process of the small service."""

    def __init__(self, child):
        self._child = child
        self.pid = child.pid

    async def operate(self, operation):
        """Have an operation done; returns whether it was acknowledged before the process died."""
        try:
            self._child.stdin.write(f"{operation}\n".encode())
            await self._child.stdin.drain()
        except ConnectionError:
            return False
        return await self._child.stdout.readline() == f"{operation}\n".encode()

    @property
    def alive(self):
        return self._child.returncode is None

    def send(self, number):
        os.kill(self.pid, number)

    async def died_by_itself(self):
        async with asyncio.timeout(20):
            assert await self._child.wait() == -signal.SIGKILL

    async def end(self):
        with contextlib.suppress(ProcessLookupError):  # it may have ended with nobody told yet
            self.send(signal.SIGKILL)
        self._child.stdin.close()
        await self._child.wait()


class Processes:
    """Starts them, keeps the ledger of what was acknowledged, and tells what is true in the end."""

    def __init__(self, write_url, read_url, nats_url):
        self._urls = {"write": write_url, "read": read_url}
        self._nats_url = nats_url
        self._started = []
        self.ledger = []

    async def start(self, role, crash_at=""):
        child = await asyncio.create_subprocess_exec(
            sys.executable, SCRIPT, role, self._urls[role], self._nats_url,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=os.environ | {"CRASH_AT": crash_at},
        )  # fmt: skip
        self._started.append(Process(child))
        return self._started[-1]

    async def operate(self, writer):
        """Do a new operation and note it if it is acknowledged; returns whether it was."""
        operation = f"{next(_ids):032x}"
        acknowledged = await writer.operate(operation)
        if acknowledged:
            self.ledger.append(operation)
        return acknowledged

    async def close(self):
        for process in self._started:
            await process.end()

    async def ask(self, role, statement, *values):
        connection = await asyncpg.connect(self._urls[role])
        try:
            return [row[0] for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    async def nothing_is_lost_or_doubled(self, bus):
        """Wait until everything has arrived, and compare: ledger, operations, outbox, stream and effects."""
        operations = await self.ask("write", "SELECT id FROM operation ORDER BY id")
        assert set(self.ledger) <= set(operations)

        async def arrived():
            held = await bus.jetstream.consumer_info("LATCHKEY", "token")
            settled = held.num_pending == 0 and held.num_ack_pending == 0
            return settled and set(await self.ask("read", "SELECT id FROM effect")) >= set(operations)

        await eventually(arrived, 30)
        assert await self.ask("read", "SELECT id FROM effect ORDER BY id") == operations
        expected = list(range(1, len(operations) + 1))
        assert await self.ask("write", "SELECT number FROM outbox ORDER BY number") == expected
        assert await self._sequences(bus) == expected

    async def _sequences(self, bus):
        stream = bus.jetstream
        last = (await stream.stream_info("LATCHKEY")).state.last_seq
        messages = [await stream.get_msg("LATCHKEY", seq=at) for at in range(1, last + 1)]
        return [msgspec.json.decode(message.data, type=CloudEvent).sequence for message in messages]
