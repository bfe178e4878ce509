"""Checkpoints in a file, which may lie where whoever owns the database cannot write: JSON lines, only ever appended.

The file itself says how far it has come, so what could not be written is written as soon as it can be.
"""

import asyncio
import datetime as dt
import os
import pathlib
from collections.abc import Sequence
from typing import Final

import structlog

from latchkey_audit.proof import appending
from latchkey_audit.proof.lines import line, place
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_contracts.seals import PublicKey
from latchkey_kit.db import Database, will_pass
from latchkey_kit.telemetry import metrics

_BATCH: Final = 500
log = structlog.get_logger()


class CheckpointFile:
    """``key`` is written along, so that the file can be checked by itself."""

    def __init__(self, path: pathlib.Path, database: Database, key: PublicKey) -> None:
        self._path = path
        self._database = database
        self._key = key
        self._reason = ""

    async def attempt(self) -> None:
        """Write what is not there yet; a file that cannot be written is loud, and stops nothing."""
        try:
            await self._catch_up()
        except OSError as error:
            self._failed(os.strerror(error.errno) if error.errno else type(error).__name__)
        except Exception as error:  # the database: the signing itself says so
            if not will_pass(error):
                metrics.audit_checkpoint_file_failing.set(1)
                log.exception("checkpoint_file_failed", path=str(self._path))
        else:
            metrics.audit_checkpoint_file_failing.set(0)
            self._reason = ""

    async def _catch_up(self) -> None:
        file = await asyncio.to_thread(appending.open_alone, self._path)
        if file is None:
            return  # another instance on this machine has it in hand
        try:
            at, tenant = place(await asyncio.to_thread(appending.last_line, file))
            while made := await self._since(at, tenant):
                await asyncio.to_thread(appending.append, file, [line(one, self._key) for one in made])
                at, tenant = made[-1].at, made[-1].tenant
        finally:
            os.close(file)

    async def _since(self, at: dt.datetime | None, tenant: str | None) -> Sequence[Checkpoint]:
        async with self._database.connection() as connection:
            return await checkpoints.since(connection, at, tenant, _BATCH)

    def _failed(self, reason: str) -> None:
        metrics.audit_checkpoint_file_failing.set(1)
        if reason != self._reason:
            self._reason = reason
            log.error("checkpoint_file_failed", path=str(self._path), reason=reason)
