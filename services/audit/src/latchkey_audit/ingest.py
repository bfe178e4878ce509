"""Every event of every service, into the log."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from latchkey_audit.store import log
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.dead_letters import DeadLetters
from latchkey_kit.messaging.inbox_together import consuming_together

DURABLE = "audit"
EVERYTHING = ("lk.v1.>",)


def ingesting(database: Database, bus: Bus, *, kept: int) -> AbstractAsyncContextManager[DeadLetters]:
    """Take in what comes, for the time of the block. ``kept``: months for which a tenant's log is kept at first."""

    async def add(connection: Connection, coming: Sequence[log.Coming]) -> None:
        await log.add(connection, coming, kept=kept)

    return consuming_together(
        database, bus, durable=DURABLE, subjects=EVERYTHING, prepare=log.coming, apply_all=add
    )  # fmt: skip
