"""Telling the permissions service which data models there are: until it has heard, we are not ready."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import structlog

from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.tasks import alongside
from latchkey_policy.catalogue import Catalogue

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
log = structlog.get_logger()


class Registration:
    """One resource server's catalogue on its way to the permissions service."""

    def __init__(self, permissions: Peer, catalogue: Catalogue) -> None:
        self._permissions = permissions
        self._body = msgspec.json.encode({"models": list(catalogue)})
        self._done = False

    async def problem(self) -> str | None:
        """Say why it is not ready, if it is not: a readiness check."""
        return None if self._done else "catalogue not registered yet"

    async def run(self) -> None:
        """Try until it is done."""
        pause = _FIRST_PAUSE
        while not self._done:
            try:
                await self._permissions.send("PUT", "/v1/catalogue", self._body)
            except (PeerUnavailable, PeerRefused) as error:
                log.warning("catalogue_not_registered", reason=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._done = True
                log.info("catalogue_registered")


@contextlib.asynccontextmanager
async def registering(permissions: Peer, catalogue: Catalogue) -> AsyncIterator[Registration]:
    """Register in the background for the time of the block."""
    registration = Registration(permissions, catalogue)
    async with alongside(registration.run()):
        yield registration
