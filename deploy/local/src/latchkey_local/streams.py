"""The NATS server that customers' consumers connect to. It is always ours, also beside a NATS that you bring."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

from latchkey_embedded import Nats, PartError
from latchkey_local.addresses import Addresses
from latchkey_local.credentials import Credentials
from latchkey_local.home import Home
from latchkey_local.services import script


@dataclass
class Streams(Nats):
    """The server; what it believes is signed by the audit service, by a command, before the first start."""

    config: str = field(default="", repr=False)
    master_key_file: Path = Path()

    async def start(self) -> None:
        self.config = self.config or await self._signed()
        await super().start()

    async def _signed(self) -> str:
        env = {
            "PATH": os.defpath,
            "MASTER_KEY_FILE": str(self.master_key_file),
            "STREAMS_ACCOUNTS": str(self.folder / "accounts"),
        }
        pipe = asyncio.subprocess.PIPE
        command = script("latchkey-audit"), "streams-config"
        process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
        config, said = await process.communicate()
        if process.returncode != 0:
            reason = " ".join(said.decode(errors="replace").splitlines()[-3:])
            raise PartError(f"The streams server has no configuration: {reason}")
        return config.decode()


def server(home: Home, addresses: Addresses, credentials: Credentials) -> Streams:
    """Return the server, not started yet."""
    return Streams(
        home.streams,
        port=addresses.ports["streams"],
        monitor_port=addresses.ports["streams-monitor"],
        master_key_file=credentials.master_key_file,
    )
