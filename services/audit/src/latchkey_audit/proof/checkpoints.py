"""Signing every tenant's chain where it stands, again and again.

The row is for those who ask; the event takes the checkpoint out of the database, to NATS and to the tenant's own
consumers; copies, in a file and in a stream, lie where the database's owner does not reach.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence

import structlog

from latchkey_audit.proof.copies import Copies
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint, End
from latchkey_contracts import seals
from latchkey_contracts.events.audit import NOBODY, AuditLogCheckpointed
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.outbox import Outbox, OutboxRow
from latchkey_kit.seals import SealKey
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble

_BATCH = 100
_ALMOST = 0.9
"""Of the time between two: instances begin their rounds at moments of their own, and the first to come signs."""
_LAST_SECONDS = 3.0
_RETRY_SECONDS = 5.0
_NOWHERE = Copies(())
log = structlog.get_logger()


class Checkpoints:
    """``issuer`` is the origin; ``every`` is in seconds."""

    def __init__(self, database: Database, outbox: Outbox, key: SealKey, issuer: str, every: float) -> None:
        self._database = database
        self._outbox = outbox
        self._key = key
        self._issuer = issuer
        self._every = every
        self._trouble = Trouble("checkpoints_wait")

    async def run(self, copies: Copies) -> None:
        """Sign for ever."""
        while True:
            done = await self.attempt(copies, older=self._every * _ALMOST)
            await asyncio.sleep(self._every if done else min(_RETRY_SECONDS, self._every))

    async def attempt(self, copies: Copies, *, older: float) -> bool:
        """Sign what is due; tells whether that went well."""
        try:
            await self.sign(copies, older=older)
        except Exception as error:  # the next time will do
            if will_pass(error):
                self._trouble.tell(f"database: {type(error).__name__}")
            else:
                log.exception("checkpoints_failed")
            return False
        self._trouble.over()
        return True

    async def sign(self, copies: Copies = _NOWHERE, *, older: float) -> int:
        """Sign every chain that grew and was not signed within ``older`` seconds; returns how many."""
        count, after = 0, None
        while True:
            async with self._database.transaction() as connection:
                at = await checkpoints.turn(connection)
                found = await checkpoints.ends(connection, after, _BATCH, older=older)
                made = [self._signed(one, at) for one in found if one.due]
                if made:
                    await checkpoints.add(connection, made, self._tidings(made))
            copies.add(made)
            count += len(made)
            if len(found) < _BATCH:
                return count
            after = found[-1].tenant

    def _signed(self, end: End, at: dt.datetime) -> Checkpoint:
        statement = seals.Checkpoint(
            iss=self._issuer, tenant=end.tenant, position=end.position, digest=end.hash.hex(), iat=int(at.timestamp())
        )
        return Checkpoint(end.tenant, end.position, end.hash, at, self._key.sign(statement))

    def _tidings(self, made: Sequence[Checkpoint]) -> list[OutboxRow]:
        return [
            self._outbox.row(
                AuditLogCheckpointed(
                    tenant=one.tenant, position=one.position, digest=one.hash.hex(), signed=one.signed
                ),
                tenant=None if one.tenant == NOBODY else one.tenant,
            )
            for one in made
        ]


@contextlib.asynccontextmanager
async def checkpointing(checkpoints: Checkpoints, copies: Copies) -> AsyncIterator[None]:
    """Sign in the background for the time of the block, and once more at its end."""
    async with copies.kept(), alongside(checkpoints.run(copies)):
        yield
    try:
        async with asyncio.timeout(_LAST_SECONDS):
            if await checkpoints.attempt(copies, older=0):
                await copies.attempt()
    except TimeoutError:
        log.warning("last_checkpoint_missing")  # what came since the one before is signed when we are back
