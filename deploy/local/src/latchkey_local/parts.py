"""The parts of the stack in one shape: something to start, to watch and to stop."""

import logging
import signal
from typing import Protocol

from latchkey_embedded import Child
from latchkey_embedded.child import until_ready
from latchkey_embedded.probe import http_status
from latchkey_local.home import Home
from latchkey_local.services import Instance

log = logging.getLogger(__name__)

READY_SECONDS = 60.0
GENTLY = (signal.SIGTERM, 1.5)
OK = 200


class Part(Protocol):
    """What the supervisor needs of a part. `start` returns when it is ready, or raises PartError."""

    @property
    def child(self) -> Child: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ServicePart:
    """A service: ready when its `/readyz` says so."""

    def __init__(self, instance: Instance, home: Home, env: dict[str, str]) -> None:
        self._ready_port = int(env["ADMIN_PORT"])
        self._child = Child(instance.name, instance.service.command, home.log(instance.name), env)

    @property
    def child(self) -> Child:
        return self._child

    async def start(self) -> None:
        self._child.start()
        await until_ready(self._child, self._ready, seconds=READY_SECONDS)

    async def stop(self) -> None:
        await self._child.stop(GENTLY)
        if self._child.returncode == -signal.SIGKILL:
            log.warning("%s did not stop in %.1f s and was killed", self._child.name, GENTLY[1])

    async def _ready(self) -> bool:
        return await http_status(self._ready_port, "/readyz") == OK
