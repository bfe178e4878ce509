"""The stack under test, as its operator sees it: processes, ports, databases."""

import contextlib
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import quote

import asyncpg
import msgspec
from stacks import Stack

from latchkey_kit.db import plain_ids

OUTBOXES = ("auth", "token", "client-registry", "permissions", "records")


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


def seconds_since(moment: float) -> float:
    return time.monotonic() - moment
