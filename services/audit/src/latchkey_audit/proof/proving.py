"""What proves the log, in the background."""

import contextlib
import pathlib
from collections.abc import AsyncIterator

from latchkey_audit.keys import master
from latchkey_audit.proof.checkpoint_file import CheckpointFile
from latchkey_audit.proof.checkpoints import Checkpoints, checkpointing
from latchkey_audit.proof.retention import Retention
from latchkey_audit.settings import Settings
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.seals import SealKey
from latchkey_kit.tasks import alongside


@contextlib.asynccontextmanager
async def proving(settings: Settings, database: Database, outbox: Outbox, clock: Clock) -> AsyncIterator[SealKey]:
    """Sign checkpoints and let months go, for the time of the block; gives the key that signs.

    Raises:
        SealError: the master key is malformed.

    """
    key = SealKey(master(settings.master_key.reveal()))
    file = None
    if settings.checkpoint_file:
        file = CheckpointFile(pathlib.Path(settings.checkpoint_file), database, key.public)
    checkpoints = Checkpoints(database, outbox, key, settings.origin, settings.checkpoint_seconds)
    retention = Retention(database, outbox, key, settings.origin, clock, usual=settings.retention_months)
    async with checkpointing(checkpoints, file), alongside(retention.run()):
        yield key
