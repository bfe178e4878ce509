"""Checkpoints in a file, which may lie where whoever owns the database cannot write: JSON lines, only ever appended.

The file itself says how far it has come, so what could not be written is written as soon as it can be.
"""

import asyncio
import contextlib
import datetime as dt
import os
import pathlib
from collections.abc import Sequence
from typing import Final

import structlog

from latchkey_audit.proof import appending
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_contracts.seals import FileLine, PublicKey
from latchkey_kit.db import Database, will_pass
from latchkey_kit.telemetry import metrics

_BATCH: Final = 500
_LOOK_SECONDS: Final = 10.0
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
log = structlog.get_logger()


class CheckpointFile:
    """``key`` is written along, so that the file can be checked by itself."""

    def __init__(self, path: pathlib.Path, database: Database, key: PublicKey) -> None:
        self._path = path
        self._database = database
        self._key = key
        self._wake = asyncio.Event()
        self._reason = ""

    def wake(self) -> None:
        """There may be something to write."""
        self._wake.set()

    async def run(self) -> None:
        """Write for ever. Other instances' checkpoints are written, too: theirs may be another machine's disk."""
        while True:
            self._wake.clear()
            await self.attempt()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._wake.wait()

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
            last = await asyncio.to_thread(appending.last_line, file)
            at, tenant = (_EPOCH + last.at * _MICROSECOND, last.tenant) if last else (None, None)
            while made := await self._since(at, tenant):
                await asyncio.to_thread(appending.append, file, [self._line(one) for one in made])
                at, tenant = made[-1].at, made[-1].tenant
        finally:
            os.close(file)

    async def _since(self, at: dt.datetime | None, tenant: str | None) -> Sequence[Checkpoint]:
        async with self._database.connection() as connection:
            return await checkpoints.since(connection, at, tenant, _BATCH)

    def _line(self, one: Checkpoint) -> FileLine:
        return FileLine(
            tenant=one.tenant, position=one.position, at=(one.at - _EPOCH) // _MICROSECOND, signed=one.signed,
            key=self._key,
        )  # fmt: skip

    def _failed(self, reason: str) -> None:
        metrics.audit_checkpoint_file_failing.set(1)
        if reason != self._reason:
            self._reason = reason
            log.error("checkpoint_file_failed", path=str(self._path), reason=reason)
