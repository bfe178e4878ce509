"""Secrets whose overlap is over retire by themselves.

Every instance looks; what two of them find at once, one of them does. The token service reads no clock for secrets:
while no instance of the registry runs, a secret works past its end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from latchkey_client_registry.changes.secrets import Secrets
from latchkey_client_registry.store import secrets
from latchkey_kit.db import Database, will_pass
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble
from latchkey_kit.web.problems import Problem

_LOOK_SECONDS = 1.0
_BATCH = 100
log = structlog.get_logger()


class SecretEnds:
    def __init__(self, database: Database, changes: Secrets) -> None:
        self._database = database
        self._changes = changes
        self._trouble = Trouble("secret_ends_wait")

    async def run(self) -> None:
        """Retire for ever; what fails is tried again."""
        while True:
            try:
                await self._retire()
            except Exception as error:  # the next secret must end, too
                if will_pass(error):
                    self._trouble.tell(f"database: {type(error).__name__}")
                else:
                    log.exception("secret_ends_failed")
            else:
                self._trouble.over()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _retire(self) -> None:
        async with self._database.connection() as connection:
            found = await secrets.clients_with_ended(connection, _BATCH)
        for client in found:
            with contextlib.suppress(Problem):  # it was deleted meanwhile, and its secrets with it
                await self._changes.retire_ended(client)


@contextlib.asynccontextmanager
async def ending(database: Database, changes: Secrets) -> AsyncIterator[None]:
    """Retire secrets in the background for the time of the block."""
    async with alongside(SecretEnds(database, changes).run()):
        yield
