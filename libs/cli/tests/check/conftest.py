"""A small house whose tables, feed and logs agree: each test breaks one thing in it, and looks who says so."""

import datetime as dt
import json

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from latchkey_audit.store import log
from latchkey_cli.check.databases import Databases
from latchkey_cli.check.examination import examine
from latchkey_cli.check.heads import Heads
from latchkey_cli.check.logs import Logs
from latchkey_cli.check.scene import Scene
from latchkey_contracts.events import CloudEvent, subject
from latchkey_kit.clock import SystemClock
from latchkey_kit.db import plain_ids
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.settings import Secret

PACKAGES = {"token": "latchkey_token", "audit": "latchkey_audit", "auth": "latchkey_auth"}
PACKAGES["client-registry"] = "latchkey_client_registry"
_CLOCK, _ENTROPY = SystemClock(), SystemEntropy()
_SOON, _NEVER = dt.timedelta(seconds=60), dt.timedelta(days=365)
OUTBOX = "INSERT INTO outbox (id, number, subject, body, published_at) VALUES ($1, $2, $3, $4, clock_timestamp())"
TABLES = (
    "SELECT array_agg(relname::text) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relkind IN ('r', 'p') AND NOT relispartition"
)


def fresh():
    return new_id(_CLOCK, _ENTROPY)


class House:
    """``ids`` are those of what is in it, by the name that tests call them."""

    def __init__(self, urls):
        self.urls, self.folder = urls, None
        self.tenant, self.user, self.client = fresh(), fresh(), fresh()
        self.ids = {}
        self.now = None
        self.heads = ""
        self.repairs = []
        self.touched = set()

    async def do(self, database, *statements, values=()):
        """Write something, past all that would forbid it; the ids of what is in the house may be named in it."""
        self.touched.add(database)
        connection = await asyncpg.connect(self.urls[database])
        try:
            await plain_ids(connection)
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement.format(**self.ids), *values)
        finally:
            await connection.close()

    async def ask(self, database, question, *values):
        connection = await asyncpg.connect(self.urls[database])
        try:
            await plain_ids(connection)
            return await connection.fetchval(question.format(**self.ids), *values)
        finally:
            await connection.close()

    async def tell(self, source, kind, entity, *, heard=True, **data):
        """An event in the outbox, and in audit as the service would have put it there."""
        event = CloudEvent(
            id=fresh(), source=source, type=kind, subject=entity, time=_CLOCK.now(), tenantid=self.tenant,
            data=msgspec.Raw(msgspec.json.encode(data)), requestid=f"request-{kind}-{entity[-12:]}",
        )  # fmt: skip
        body = msgspec.json.encode(event)
        number = await self.ask(source, "UPDATE outbox_state SET last_number = last_number + 1 RETURNING last_number")
        path = subject(kind, entity, self.tenant)
        await self.do(source, OUTBOX, values=(event.id, number, path, body))
        if heard:
            await self.hear(source, event.id)
        return event.id

    async def hear(self, source, event_id):
        """Let audit have an event."""
        body = await self.ask(source, "SELECT body FROM outbox WHERE id = $1", event_id)
        number = await self.ask(source, "SELECT number FROM outbox WHERE id = $1", event_id)
        epoch = await self.ask(source, "SELECT epoch FROM outbox_state")
        event = msgspec.structs.replace(msgspec.json.decode(body, type=CloudEvent), epoch=epoch, sequence=number)
        self.touched.add("audit")
        connection = await asyncpg.connect(self.urls["audit"])
        try:
            await plain_ids(connection)
            async with connection.transaction():
                await log.add(connection, [log.coming(Delivery(event, msgspec.json.encode(event)))], kept=12)
        finally:
            await connection.close()

    async def connection(self, name, generation=1, *, expires=_NEVER, **fields):
        """A connection by its name, with the events of everything that it has been through."""
        made = self.ids[name] = fresh()
        exchanged = generation > 0
        row = {
            "id": made, "tenant_id": self.tenant, "user_id": self.user, "client_id": self.client,
            "expires_at": self.now + expires, "generation": generation, "redirect_uri_sent": True,
            "redirect_hash": b"r" * 32, "document": b"d" * 32, "current_hash": bytes.fromhex(made + made),
            "resources": ["https://api.latchkey.test/v1"], "rotated_at": self.now if exchanged else None,
            "nonce": b"n" * 16 if exchanged else None,
        } | fields  # fmt: skip
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        statement = f"INSERT INTO connection ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - our own words
        await self.do("token", statement, values=tuple(row.values()))
        for one in range(1, generation + 1) if row["nonce"] else ():
            kind = "grant.issued" if one == 1 else "token.refreshed"
            await self.tell("token", kind, made, **({"generation": one} if one > 1 else {}))
        return made

    async def enter(self, kind, key, value=0, at=None):
        """Add an entry to the feed."""
        last = await self.ask("token", "UPDATE feed_state SET last_number = last_number + 1 RETURNING last_number")
        await self.do(
            "token",
            "INSERT INTO feed (number, kind, key, value, at) VALUES ($1, $2, $3, $4, coalesce($5, clock_timestamp()))",
            values=(last, kind, key, value, at),
        )
        return last

    def log(self, *lines):
        with (self.folder / "edge.log").open("a") as file:
            file.writelines(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)

    def accepted(self, connection, after, *, status=200, ms=4.0, **more):
        """A line that tells of a request, answered so many seconds after the kills of this house."""
        at = (self.now + dt.timedelta(seconds=after)).isoformat()
        self.log({"event": "request", "timestamp": at, "service": "edge", "status": status, "ms": ms,
                  "connection": connection} | more)  # fmt: skip

    def knew(self, *, head, after):
        """A line of a verifier that had this number of the feed so many seconds after the kills of this house."""
        at = (self.now + dt.timedelta(seconds=after)).isoformat()
        self.log({"event": "feed_applied", "timestamp": at, "instance": fresh(), "epoch": "e", "head": head})

    async def findings(self, *rules, patience=0.0, logs=True):
        """What is not ok, rule → finding."""
        scene = Scene(
            Databases(self.urls),
            Logs(self.folder) if logs else None,
            Heads(heads_urls=self.heads, operator_secret=Secret("operator-credential")),
            _CLOCK,
            patience=patience,
            lease=2.0,
            skew=0.0,
        )
        found = await examine(scene, *([rules] if rules else []))
        return {one.rule: one for one in found if one.state != "ok"}


@pytest.fixture(scope="session")
def built(background, databases):
    """A house in which everything agrees, and a copy of each of its tables to bring that back."""
    made = House({name: databases.make(("latchkey_kit", package)) for name, package in PACKAGES.items()})
    background.run(_build(made))
    yield made
    for url in made.urls.values():
        databases.drop(url)


async def _build(house):
    house.now = await house.ask("token", "SELECT clock_timestamp() - interval '1 hour'")
    await _owners(house)
    await _connections(house)
    for database in house.urls:
        tables = await house.ask(database, TABLES)
        copies = (f"CREATE TABLE before.{table} AS TABLE {table}" for table in tables)
        await house.do(database, "CREATE SCHEMA before", *copies)
    house.touched.clear()


async def _restore(house):
    for database in tuple(house.touched):
        tables = await house.ask(database, TABLES)
        emptied = f"TRUNCATE {', '.join(tables)}"
        filled = (f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE before.{table}" for table in tables)
        repairs = [statement for name, statement in house.repairs if name == database]
        await house.do(database, emptied, *filled, *repairs)
    house.repairs.clear()
    house.touched.clear()


@pytest_asyncio.fixture
async def house(built, tmp_path):
    """The house; whatever a test breaks in its tables is mended afterwards."""
    built.folder = tmp_path
    built.heads = ""
    built.log("not JSON\n", "{broken\n", {"event": "feed_applied", "instance": "edge-1", "epoch": "e", "head": 1})
    built.log({"event": "feed_applied", "instance": "edge-1", "epoch": "e", "head": 3})
    built.accepted(built.ids["alive"], after=5)
    built.accepted(built.ids["replayed"], after=0.3)
    built.accepted(built.ids["replayed"], after=9, status=401)
    yield built
    await _restore(built)


async def _owners(house):
    tenant, user, client = house.tenant, house.user, house.client
    house.ids |= {"tenant": tenant, "user": user, "client": client}
    await house.do(
        "auth",
        "INSERT INTO tenant (id, name, title, turn, revision) VALUES ('{tenant}', 'acme', 'Acme', 0, 2)",
        "INSERT INTO app_user (id, email, name, password_hash, turn) VALUES ('{user}', 'a@acme.test', 'A', 'x', 2)",
        "INSERT INTO membership (tenant, app_user, turn, removed_at) VALUES ('{tenant}', '{user}', 1, now())",
    )
    await house.tell("auth", "user.signed_in", user)
    await house.tell("audit", "auditlog.viewed", tenant, tenant=tenant, way="page", filter={})
    await house.do(
        "client-registry",
        "INSERT INTO client (id, tenant_id, name, client_type, proof, preset, redirect_uris, revision, turn)"
        " VALUES ('{client}', '{tenant}', 'App', 'confidential', 'secret', 'custom', '{{}}', 4, 1)",
        "INSERT INTO client_secret (id, client_id, hash, ending) VALUES ('{tenant}', '{client}', '\\x01', 'abcd')",
        "INSERT INTO client_secret (id, client_id, hash, ending, ends_at)"
        " VALUES ('{user}', '{client}', '\\x02', 'abcd', now())",
    )
    await house.do(
        "token",
        "INSERT INTO gate (client_id, tenant_id, revision, turn, client_type, proof, secret_hashes, retry_window,"
        " default_audience)"
        " VALUES ('{client}', '{tenant}', 4, 1, 'confidential', 'secret', ARRAY['\\x01'::bytea], 0, 'both')",
        "INSERT INTO granted_scope VALUES ('" + r"\x" + "64" * 32 + "', 'company:view')",
        "INSERT INTO standing VALUES ('client', '{client}', 1, false), ('user', '{user}', 2, false),"
        " ('tenant_user', '{tenant}{user}', 1, false)",
        "INSERT INTO tenant_limits VALUES ('{tenant}', 2, NULL, NULL)",
        "INSERT INTO verifier VALUES ('edge-1', 3, now())",
    )


async def _connections(house):
    at = house.now
    await house.connection("cut_by_all", revoked_at=at, revoked_reason="client.secret_rotated")
    cutoff = await house.ask("token", "SELECT nextval('connection_born')")
    await house.tell("client-registry", "client.secret_rotated", house.client)
    number = await house.enter("client", house.client, cutoff, at)
    await house.do(
        "token",
        "INSERT INTO kill (kind, key, source, cutoff, number, reason, at, swept)"
        " VALUES ('client', '{client}', 'owner', $1, $2, 'client.secret_rotated', $3, true)",
        values=(cutoff, number, at),
    )
    await house.connection("alive", generation=3)
    await house.tell("token", "token.refreshed", house.ids["alive"], generation=3, again=True)
    await house.connection("code", generation=0, expires=_SOON)
    await house.connection("own", user_id=house.client, nonce=None, rotated_at=None, standing_revision=4)
    replayed = await house.connection("replayed", generation=2, revoked_at=at, revoked_reason="replay")
    await house.tell("token", "connection.revoked", replayed, reason="replay")
    await house.tell("token", "token.reused", replayed)
    await house.enter("connection", replayed, at=at)
    await house.enter("role", fresh(), 7, at=at)
