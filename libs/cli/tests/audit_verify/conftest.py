"""A log of the audit service's own making, which whoever owns the database then tampers with."""

import contextlib

import asyncpg
import msgspec
import pytest

from latchkey_audit.proof.checkpoint_file import CheckpointFile
from latchkey_audit.proof.checkpoints import Checkpoints
from latchkey_audit.proof.retention import Retention
from latchkey_audit.store import log
from latchkey_cli.audit_verify.command import Options, verify
from latchkey_contracts import chain
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.audit import AuditLogCheckpointed
from latchkey_contracts.events.auth import UserSignedIn
from latchkey_contracts.seals import Keys
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.seals import SealKey
from latchkey_kit.testing import ManualClock
from latchkey_kit.testing.services import ORIGIN

ACME, GLOBEX = "a" * 32, "b" * 32
KEY = SealKey(bytes(range(32)))
_CLOCK, _ENTROPY = ManualClock(), SystemEntropy()


def make(tenant=ACME, kind="user.signed_in", data=None, source="auth"):
    _CLOCK.advance(1)
    user = new_id(_CLOCK, _ENTROPY)
    return CloudEvent(
        id=new_id(_CLOCK, _ENTROPY), source=source, type=kind, subject=user, time=_CLOCK.now(), tenantid=tenant,
        userid=user, clientid="c" * 32, address="192.0.2.7", agent="a browser", epoch="e" * 32, sequence=1,
        result="success", data=msgspec.Raw(msgspec.json.encode(data or UserSignedIn(user=user))),
    )  # fmt: skip


class Told:
    """The log and its service, and what the tests do to them."""

    def __init__(self, url, database, folder):
        self.url, self.database, self.folder = url, database, folder
        outbox = Outbox("audit", _CLOCK, _ENTROPY)
        self.checkpoints = Checkpoints(database, outbox, KEY, ORIGIN, 300)
        self.retention = Retention(database, outbox, KEY, ORIGIN, SystemClock(), usual=12)
        self.path = folder / "checkpoints.jsonl"
        self.file = CheckpointFile(self.path, database, KEY.public)
        self.key = folder / "key.json"
        self.key.write_bytes(msgspec.json.encode(Keys((KEY.public,))))

    async def add(self, *events, kept=12):
        async with self.database.transaction() as connection:
            await log.add(
                connection, [log.coming(Delivery(one, msgspec.json.encode(one))) for one in events], kept=kept
            )
        return events

    async def sign(self):
        """A checkpoint, in the table and in the file, and what tells of it in the log."""
        await self.checkpoints.sign(older=0)
        await self.file.attempt()
        async with self.database.transaction() as connection:
            bodies = [row["body"] for row in await connection.fetch("DELETE FROM outbox RETURNING body")]
        events = [msgspec.json.decode(body, type=CloudEvent) for body in bodies]
        await self.add(*(one for one in events if one.type == AuditLogCheckpointed.type))

    async def tamper(self, statement, *values):
        """What an owner does who can switch triggers off."""
        async with self.raw() as connection:
            return await connection.fetch(statement, *values)

    async def change(self, what, tenant, position):
        statement = f"UPDATE event SET {what} WHERE tenant_id = $1 AND position = $2"  # noqa: S608 - of the tests
        await self.tamper(statement, tenant, position)

    @contextlib.asynccontextmanager
    async def raw(self):
        connection = await asyncpg.connect(self.url)
        await db.plain_ids(connection)
        await connection.execute("SET session_replication_role = replica")
        try:
            yield connection
        finally:
            await connection.close()

    async def hash_anew(self, tenant, first):
        """Everything from a position on, as if it had always been so."""
        async with self.raw() as connection:
            before = await connection.fetchval(
                "SELECT hash FROM event WHERE tenant_id = $1 AND position = $2", tenant, first - 1
            )
            rows = await connection.fetch(
                "SELECT position, recorded, kept, body FROM event WHERE tenant_id = $1 AND position >= $2"
                " ORDER BY position",
                tenant, first,
            )  # fmt: skip
            for row in rows:
                before = chain.link(
                    before or chain.GENESIS, tenant=tenant, position=row["position"], recorded=row["recorded"],
                    kept=row["kept"], body=row["body"],
                )  # fmt: skip
                await connection.execute(
                    "UPDATE event SET hash = $3 WHERE tenant_id = $1 AND position = $2", tenant, row["position"], before
                )
            await connection.execute("UPDATE chain SET hash = $2 WHERE tenant_id = $1", tenant, before)

    async def verdict(self, *, file=True, key=True, tenant=None, environ=None):
        options = Options(
            databases={"audit": self.url}, tenant=tenant, checkpoints=str(self.path) if file else None,
            keys=[str(self.key)] if key else [],
        )  # fmt: skip
        return await verify(options, environ or {})

    async def only(self, **options):
        """The one thing that is wrong."""
        (finding,) = (await self.verdict(**options)).findings
        return finding

    async def forged(self, **options):
        """The one statement that is not to be believed; for the rest, what it should have said is missing."""
        findings = (await self.verdict(**options)).findings
        assert {one.kind for one in findings} == {"forged", "missing"}
        (finding,) = (one for one in findings if one.kind == "forged")
        return finding


@pytest.fixture
async def told(make_database, tmp_path):
    url = make_database("latchkey_audit")
    async with db.connect(url) as database:
        yield Told(url, database, tmp_path)


@pytest.fixture
async def ten(told):
    """Ten entries of acme, signed for at the tenth; three of globex beside them. Gives acme's events."""
    events = await told.add(*(make() for _ in range(10)))
    await told.add(*(make(GLOBEX) for _ in range(3)))
    await told.sign()
    assert (await told.verdict()).findings == []
    return events


@pytest.fixture
def made():
    return make
