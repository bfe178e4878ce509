"""The stack under test, as its operator sees it: processes, ports, databases."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import asyncpg
import msgspec
from stacks import Stack

from latchkey_kit.db import plain_ids

SEGMENTS = 32  # more than PostgreSQL keeps in store
OUTBOXES = ("auth", "token", "client-registry", "permissions", "records", "audit")


class Rig:
    """A stack that is up."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.home = stack.home

    @property
    def demo(self) -> dict:
        return json.loads((self.home / "demo.json").read_text())

    @property
    def described(self) -> dict:
        """`stack.json`: addresses and ports."""
        return json.loads((self.home / "stack.json").read_text())

    def parts(self) -> dict[str, dict]:
        """Each part's `state`, `pid` and `restarts`."""
        return json.loads((self.home / "state.json").read_text())["parts"]

    def pid(self, part: str) -> int:
        pid = self.parts()[part]["pid"]
        assert pid, f"{part} does not run"
        return pid

    def is_back(self, part: str, pid: int) -> bool:
        """Whether the supervisor has it ready again, as another process."""
        now = self.parts()[part]
        return now["state"] == "ready" and now["pid"] != pid

    @contextlib.asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A superuser's connection to a service's database."""
        password = msgspec.json.decode((self.home / "secrets" / "passwords.json").read_bytes())["postgres"]
        socket = quote(self.described["postgres_socket_folder"], safe="")
        name = f"latchkey_{service.replace('-', '_')}"
        connection = await asyncpg.connect(f"postgresql://postgres:{password}@/{name}?host={socket}", timeout=5)
        try:
            await plain_ids(connection)
            yield connection
        finally:
            await connection.close()

    async def readiness(self) -> dict[str, str]:
        """What each service that is not ready says about it at its admin port."""
        ports = {name: port for name, port in self.described["ports"].items() if name.endswith("-admin")}
        timeout = aiohttp.ClientTimeout(total=3)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            answers = await asyncio.gather(*(_ask(http, f"http://127.0.0.1:{port}/readyz") for port in ports.values()))
        return {name.removesuffix("-admin"): said for name, said in zip(ports, answers, strict=True) if said}

    async def who_says(self, words: tuple[str, ...], within: float) -> dict[str, str]:
        """Wait until a service says one of these words, not ready or in its log; part → the line."""
        files = {file.stem: (file, file.stat().st_size) for file in (self.home / "logs").glob("*.log")}
        end, said = time.monotonic() + within, {}
        while not said and time.monotonic() < end:
            await asyncio.sleep(0.2)
            lines = [(part, line) for part, (file, size) in files.items() for line in _new_lines(file, size)]
            lines += (await self.readiness()).items()
            said = {part: line[:300] for part, line in lines if any(word in line.lower() for word in words)}
        return said

    @contextlib.asynccontextmanager
    async def slow_commits(self, microseconds: int) -> AsyncIterator[None]:
        """Let PostgreSQL wait so long in every commit, for the time of the block."""
        async with self.database("audit") as admin:
            await admin.execute(f"ALTER SYSTEM SET commit_delay = {microseconds}")
            await admin.execute("ALTER SYSTEM SET commit_siblings = 0")
            await admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            async with self.database("audit") as admin:
                await admin.execute("ALTER SYSTEM RESET ALL")
                await admin.execute("SELECT pg_reload_conf()")

    async def uses_up_wal(self, pid: int) -> bool:
        """Begin another segment of PostgreSQL's log ahead, until this server has died of it."""
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with self.database("audit") as audit:
                for _ in range(SEGMENTS):
                    await audit.execute("SELECT pg_logical_emit_message(false, 'test', 'x')")
                    await audit.execute("SELECT pg_switch_wal()")
        return self.parts()["postgres"]["state"] != "ready" or self.pid("postgres") != pid


async def _ask(http: aiohttp.ClientSession, url: str) -> str:
    try:
        async with http.get(url) as answer:
            return "" if answer.status == 200 else " ".join((await answer.text()).split())
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


def _new_lines(file: Path, size: int) -> list[str]:
    with file.open(errors="replace") as log:
        log.seek(size)
        return log.read().splitlines()
