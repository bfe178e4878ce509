"""Checkpoints in a stream of the streams server, which whoever owns the database cannot write to."""

from collections.abc import Sequence

import structlog

from latchkey_audit.proof.lines import line, moment
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_audit.streams.anchor import Anchor, End, Placed
from latchkey_contracts.seals import FileLine, PublicKey
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_BATCH = 500
log = structlog.get_logger()


class CheckpointStream:
    """``key`` is written along, so that a line can be checked by itself."""

    def __init__(self, anchor: Anchor, database: Database, key: PublicKey) -> None:
        self._anchor = anchor
        self._database = database
        self._key = key
        self._trouble = Trouble("checkpoint_stream_waits")

    def add(self, signed: Sequence[Checkpoint]) -> None:
        """Nothing to keep: what the stream lacks is read from the database."""

    async def attempt(self) -> None:
        """Publish what is not there yet; whatever happens, the log and its consumers go on."""
        try:
            await self._catch_up()
        except AWAY as error:
            metrics.audit_checkpoint_stream_failing.set(1)
            self._trouble.tell(f"streams: {type(error).__name__} {error}")
        except Exception as error:  # the database: the signing itself says so
            if not will_pass(error):
                metrics.audit_checkpoint_stream_failing.set(1)
                log.exception("checkpoint_stream_failed")
        else:
            metrics.audit_checkpoint_stream_failing.set(0)
            self._trouble.over()

    async def _catch_up(self) -> None:
        while True:
            end = await self._anchor.end()
            lines = await self._behind(await self._shared(end))
            if not lines or not await self._anchor.append(lines, end.sequence):
                return  # all is there, or another instance has it in hand

    async def _shared(self, end: End) -> FileLine | None:
        """Find the last line that the database has, too.

        Within one database each time is later than all before (`store.checkpoints.turn`), whatever its clock does. But
        a failover or a backup may have lost the last checkpoints, and what is signed since may have earlier times than
        those: so it is what the database has that counts, not the time of the last line.
        """
        if end.last is None or await self._has(end.last):
            return end.last
        found, unknown, step = None, end.sequence, 1
        while found is None and unknown > 1:  # back from the end in longer and longer steps …
            found, unknown = await self._look(max(1, unknown - step), unknown)
            step *= 2
        while found is not None and unknown - found.sequence > 1:  # … and from there by halves
            later, unknown = await self._look((found.sequence + unknown) // 2, unknown)
            found = later or found
        return found.line if found else None

    async def _look(self, sequence: int, unknown: int) -> tuple[Placed | None, int]:
        """Give the line at this place or next behind it if the database has it, and the first place that is not so."""
        placed = await self._anchor.first_from(sequence)
        if placed is None or placed.sequence >= unknown or not await self._has(placed.line):
            return None, sequence
        return placed, unknown

    async def _has(self, one: FileLine) -> bool:
        async with self._database.connection() as connection:
            return await checkpoints.has(connection, moment(one), one.tenant, one.position)

    async def _behind(self, last: FileLine | None) -> Sequence[FileLine]:
        at, tenant = (moment(last), last.tenant) if last else (None, None)
        async with self._database.connection() as connection:
            return [line(one, self._key) for one in await checkpoints.since(connection, at, tenant, _BATCH)]
