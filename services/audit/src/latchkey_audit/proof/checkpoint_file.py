"""Checkpoints in a file, which may lie where whoever owns the database cannot write: JSON lines, only ever appended.

What is signed here is written as it was signed, whatever the database made of it. Beyond that the file itself says what
it lacks, so what could not be written is written as soon as it can be.
"""

import asyncio
import os
import pathlib
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog

from latchkey_audit.proof import appending
from latchkey_audit.proof.lines import is_signed, line
from latchkey_audit.proof.reach import Reach
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_contracts.seals import PublicKey
from latchkey_kit.db import Database, will_pass
from latchkey_kit.seals import Seals
from latchkey_kit.telemetry import metrics

_BATCH: Final = 500
_HELD: Final = 50_000
log = structlog.get_logger()


class CheckpointFile:
    """``key`` is written along, so that the file can be checked by itself."""

    def __init__(self, path: pathlib.Path, database: Database, key: PublicKey) -> None:
        self._path = path
        self._database = database
        self._key = key
        self._seals = Seals([key])
        self._reach = Reach(key.kid)
        self._signed: deque[Checkpoint] = deque(maxlen=_HELD)
        self._reason = ""

    def add(self, signed: Sequence[Checkpoint]) -> None:
        """These were signed just now; they wait for the next attempt."""
        self._signed.extend(signed)

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
            await asyncio.to_thread(self._reach.see, file)
            written = await self._write_signed(file)
            while found := await self._lacking():
                new = [one for one in found if (one.tenant, one.position) not in written]
                good = await asyncio.to_thread(self._believed, new)
                await asyncio.to_thread(appending.append, file, [line(one, self._key) for one in good])
                for one in found:
                    self._reach.note(one.tenant, one.position)
            await asyncio.to_thread(self._reach.see, file)
        finally:
            os.close(file)

    async def _write_signed(self, file: int) -> set[tuple[str, int]]:
        """Write what waits, and only then take it from what waits."""
        waiting = list(self._signed)
        await asyncio.to_thread(appending.append, file, [line(one, self._key) for one in waiting])
        written = {(one.tenant, one.position) for one in waiting}
        kept = [one for one in self._signed if (one.tenant, one.position) not in written]
        self._signed.clear()
        self._signed.extend(kept)
        return written

    async def _lacking(self) -> Sequence[Checkpoint]:
        async with self._database.connection() as connection:
            return await checkpoints.behind(connection, self._reach.positions, _BATCH)

    def _believed(self, found: Sequence[Checkpoint]) -> list[Checkpoint]:
        """Those that we signed: what else stands in the table, anybody may have put there."""
        good = [one for one in found if is_signed(one, self._seals)]
        if len(good) < len(found):
            log.warning("checkpoints_not_ours", path=str(self._path), count=len(found) - len(good))
        return good

    def _failed(self, reason: str) -> None:
        metrics.audit_checkpoint_file_failing.set(1)
        if reason != self._reason:
            self._reason = reason
            log.error("checkpoint_file_failed", path=str(self._path), reason=reason)
