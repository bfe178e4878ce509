"""A log without a server around it, signed by a key of the tests."""

import msgspec
import pytest

from latchkey_audit.proof.checkpoints import Checkpoints
from latchkey_audit.proof.retention import Retention
from latchkey_audit.store import log
from latchkey_contracts.events import CloudEvent
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.seals import SealKey, Seals
from latchkey_kit.testing import ManualClock
from latchkey_kit.testing.services import ORIGIN


class Kept:
    """A log, and what keeps it."""

    def __init__(self, url, database):
        self.url, self.database = url, database
        self.key = SealKey(bytes(range(32)))
        self.seals = Seals([self.key.public])
        self.clock, self.outbox = ManualClock(SystemClock().now()), Outbox("audit", SystemClock(), SystemEntropy())
        self.checkpoints = self.instance()
        self.retention = Retention(database, self.outbox, self.key, ORIGIN, self.clock, usual=12)

    def instance(self):
        return Checkpoints(self.database, self.outbox, self.key, ORIGIN, 300)

    async def add(self, *events, kept=12):
        async with self.database.transaction() as connection:
            await log.add(
                connection, [log.coming(Delivery(one, msgspec.json.encode(one))) for one in events], kept=kept
            )

    async def fetch(self, statement, *values):
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)

    async def owner(self, statement):
        """What an owner does who can switch triggers off."""
        async with self.database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(statement)

    async def told(self):
        """Events in the outbox, taken out."""
        rows = await self.fetch(
            "WITH gone AS (DELETE FROM outbox RETURNING *) SELECT body FROM gone ORDER BY created_at, id"
        )
        return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]


@pytest.fixture
async def kept(make_database):
    url = make_database("latchkey_audit")
    async with db.connect(url) as database:
        yield Kept(url, database)
