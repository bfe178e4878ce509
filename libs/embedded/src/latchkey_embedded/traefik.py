"""Traefik, the API gateway, as a child process with configuration files."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from latchkey_embedded.child import Child
from latchkey_embedded.errors import PartError
from latchkey_embedded.ports import is_free
from latchkey_embedded.probe import http_status
from latchkey_embedded.programs import program
from latchkey_embedded.server import Server

READY_SECONDS = 20.0


@dataclass
class Traefik(Server):
    """One gateway on `folder`: `async with Traefik(folder, static=…, dynamic=…, ping_port=…, ports=[…])`.

    `static` is the text of the static configuration (YAML). It may name `$dynamic_file`, where the text of `dynamic` is
    put for the file provider. `/ping` must answer on `ping_port`, best by a route in `dynamic` (`ping.manualRouting`):
    else the gateway counts as ready before it has read its routes.
    `ports` are those that it will listen on; one that is in use is named in the error.
    """

    name: ClassVar = "Traefik"
    stopping: ClassVar = ((signal.SIGTERM, 2.0),)
    folder: Path
    static: str = field(repr=False)
    dynamic: str = field(repr=False)
    ping_port: int
    ports: tuple[int, ...] = ()

    async def start(self) -> None:
        """Start the gateway and return when it answers. Raises PartError with the reason when it does not."""
        folder = self.folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for port in (*self.ports, self.ping_port):
            if not is_free(port):
                raise PartError(f"The gateway cannot start: port {port} is in use by another program.")
        dynamic = folder / "dynamic.yml"
        dynamic.write_text(self.dynamic)
        static = folder / "static.yml"
        static.write_text(self.static.replace("$dynamic_file", str(dynamic)))
        command: list[str | Path] = [program("traefik"), f"--configFile={static}"]
        child = Child(self.name, command, folder / "traefik.log", {"PATH": os.defpath, "HOME": str(folder)})
        await self._launch(child, self.healthy, seconds=READY_SECONDS)

    async def healthy(self) -> bool:
        """Say whether it answers its ping."""
        return await http_status(self.ping_port, "/ping") == 200
