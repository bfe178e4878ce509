"""NATS with JetStream as a child process, on the loopback interface only."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from latchkey_embedded.child import Child
from latchkey_embedded.errors import PartError
from latchkey_embedded.ports import LOOPBACK, free_port, is_free
from latchkey_embedded.probe import http_answer
from latchkey_embedded.programs import program
from latchkey_embedded.server import Server

# A publish is acknowledged when it is on the disk. The server's default acknowledges up to two minutes earlier.
PLAIN = "jetstream { sync_interval: always }\n"
READY_SECONDS = 20.0
SILENT = "it does not answer"


@dataclass
class Nats(Server):
    """One NATS server on `folder`: `async with Nats(folder) as server: await nats.connect(server.url)`.

    `config` is the text of a server configuration: accounts, users, limits. Address, ports and the folder of JetStream
    are always ours. Without it anybody on this machine may do anything: for tests.
    Ports left out are free ones, chosen at the start.
    """

    name: ClassVar = "NATS"
    stopping: ClassVar = ((signal.SIGTERM, 5.0),)
    folder: Path
    config: str = field(default=PLAIN, repr=False)
    env: dict[str, str] = field(default_factory=dict, repr=False)
    """Values of the `$VARIABLES` in `config`. Keep them words: NATS reads `12e4` as a number."""
    port: int | None = None
    monitor_port: int | None = None

    @property
    def url(self) -> str:
        """Where clients connect: `nats://127.0.0.1:<port>`."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def store(self) -> Path:
        """Where JetStream keeps its files."""
        return self.folder / "jetstream"

    async def start(self) -> None:
        """Start the server and return when it is healthy. Raises PartError with the reason when it is not."""
        folder = self.folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port, self.monitor_port = self.port or free_port(), self.monitor_port or free_port()
        for port in (self.port, self.monitor_port):
            if not is_free(port):
                raise PartError(f"NATS cannot start: port {port} is in use by another program.")
        child = Child(self.name, self._command(folder), folder / "nats.log", {"PATH": os.defpath} | self.env)
        await self._launch(child, self.healthy, seconds=READY_SECONDS)

    async def healthy(self) -> bool:
        """Say whether the server, JetStream included, is healthy. A full disk shows here and nowhere else."""
        return await self.trouble() is None

    async def trouble(self) -> str | None:
        """Say what the server says is wrong with it; None when it is healthy."""
        answer = await http_answer(self.monitor_port or 0, "/healthz")
        if answer is None:
            return SILENT
        status, said = answer
        return None if status == 200 else " ".join(said.split())[:500]

    def _command(self, folder: Path) -> list[str | Path]:
        config = folder / "server.conf"
        config.touch(mode=0o600)  # it may hold passwords
        config.write_text(self.config)
        ports = ["--addr", LOOPBACK, "--port", str(self.port), "--http_port", str(self.monitor_port)]
        return [program("nats-server"), "--config", config, "--store_dir", self.store.resolve(), *ports]
