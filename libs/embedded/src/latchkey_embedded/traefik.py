"""Traefik, the API gateway, as a child process with configuration files."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from latchkey_embedded.child import Child, until_ready
from latchkey_embedded.errors import PartError
from latchkey_embedded.ports import is_free
from latchkey_embedded.probe import http_status
from latchkey_embedded.programs import program

READY_SECONDS = 20.0
GENTLY = (signal.SIGTERM, 2.0)


@dataclass
class Traefik:
    """One gateway on `folder`: `async with Traefik(folder, static=…, dynamic=…, ping_port=…, ports=[…])`.

    `static` is the text of the static configuration (YAML). It may name `$dynamic_file`, where the text of `dynamic` is
    put for the file provider. `/ping` must answer on `ping_port`, best by a route in `dynamic` (`ping.manualRouting`):
    else the gateway counts as ready before it has read its routes.
    `ports` are those that it will listen on; one that is in use is named in the error.
    """

    folder: Path
    static: str = field(repr=False)
    dynamic: str = field(repr=False)
    ping_port: int
    ports: tuple[int, ...] = ()
    _child: Child | None = field(default=None, init=False)

    @property
    def child(self) -> Child:
        """The gateway's process, for a supervisor."""
        if self._child is None:
            raise PartError("Traefik was not started.")
        return self._child

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
        self._child = Child("Traefik", command, folder / "traefik.log", {"PATH": os.defpath, "HOME": str(folder)})
        self._child.start()
        try:
            await until_ready(self._child, self.healthy, seconds=READY_SECONDS)
        except BaseException:
            await self.stop()
            raise

    async def healthy(self) -> bool:
        """Say whether it answers its ping."""
        return await http_status(self.ping_port, "/ping") == 200

    async def stop(self) -> None:
        """Stop the gateway. Safe to call twice."""
        if self._child is not None:
            await self._child.stop(GENTLY)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
