"""What proves the log, in the background."""

import contextlib
import pathlib
from collections.abc import AsyncIterator

from latchkey_audit.keys import master
from latchkey_audit.proof.checkpoint_file import CheckpointFile
from latchkey_audit.proof.checkpoint_stream import CheckpointStream
from latchkey_audit.proof.checkpoints import Checkpoints, checkpointing
from latchkey_audit.proof.copies import Copies, Copy
from latchkey_audit.proof.retention import Retention
from latchkey_audit.settings import Settings
from latchkey_audit.streams import server
from latchkey_audit.streams.anchor import Anchor
from latchkey_audit.streams.keys import Keys
from latchkey_contracts.seals import PublicKey
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
    checkpoints = Checkpoints(database, outbox, key, settings.origin, settings.checkpoint_seconds)
    retention = Retention(database, outbox, key, settings.origin, clock, usual=settings.retention_months)
    async with (
        _copies(settings, database, key.public, clock) as copies,
        checkpointing(checkpoints, copies),
        alongside(retention.run()),
    ):
        yield key


@contextlib.asynccontextmanager
async def _copies(settings: Settings, database: Database, key: PublicKey, clock: Clock) -> AsyncIterator[Copies]:
    """Those that are set. The stream has a connection of its own, which outlives that of consumers by the last one."""
    copies: list[Copy] = []
    async with contextlib.AsyncExitStack() as stack:
        if settings.checkpoint_file:
            copies.append(CheckpointFile(pathlib.Path(settings.checkpoint_file), database, key))
        if settings.streams_url:
            known = Keys(master(settings.master_key.reveal()))
            bus = await stack.enter_async_context(server.platform(settings.streams_url, known, clock))
            copies.append(CheckpointStream(Anchor(bus), database, key))
        yield Copies(copies)
