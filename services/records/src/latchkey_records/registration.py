"""Telling the permissions service which data models there are: until it has heard, we are not ready."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import structlog

from latchkey_contracts.requests.permissions import CATALOGUE_PATH
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble
from latchkey_policy.catalogue import Catalogue

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_AGAIN = 30.0
log = structlog.get_logger()


class Registration:
    """One resource server's catalogue, and its way to the permissions service.

    It goes there again every ``again`` seconds: the same one changes nothing, and a permissions database that was
    restored or made anew has it back without anybody's help.
    """

    def __init__(self, permissions: Peer, catalogue: Catalogue, *, again: float = _AGAIN) -> None:
        self._permissions = permissions
        self._body = msgspec.json.encode({"models": list(catalogue)})
        self._again = again
        self._done = False
        self._trouble = Trouble("catalogue_not_registered")

    async def problem(self) -> str | None:
        """Say why it is not ready, if it is not: a readiness check. Once registered, we can work."""
        return None if self._done else "catalogue not registered yet"

    async def run(self) -> None:
        """Register, and keep registered."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._permissions.send("PUT", CATALOGUE_PATH, self._body)
            except (PeerUnavailable, PeerRefused) as error:
                self._trouble.tell(str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            if not self._done:
                log.info("catalogue_registered")
            self._trouble.over()
            self._done, pause = True, _FIRST_PAUSE
            await asyncio.sleep(self._again)


@contextlib.asynccontextmanager
async def registering(permissions: Peer, catalogue: Catalogue, *, again: float = _AGAIN) -> AsyncIterator[Registration]:
    """Register in the background for the time of the block."""
    registration = Registration(permissions, catalogue, again=again)
    async with alongside(registration.run()):
        yield registration
