"""What a release before recorded is in the log of this one: chained, found and numbered."""

import asyncpg
import msgspec
import pytest

from latchkey_audit.store import arrivals
from latchkey_contracts import chain
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.audit import NOBODY
from latchkey_contracts.log_entry import found
from latchkey_kit import db
from latchkey_kit import migrate as migrations
from latchkey_kit.migrate import migrate, migrations_of
from latchkey_verify.testing import TENANT

COMPONENTS = ("latchkey_kit", "latchkey_audit")
EPOCH, LATER = "1" * 32, "2" * 32
CONNECTION, CLIENT = "c" * 32, "d" * 32


@pytest.fixture
async def former(make_database, monkeypatch):
    """The database of a release that knew no chains: its address and a connection."""
    url = make_database()
    connection = await asyncpg.connect(url)
    await db.plain_ids(connection)
    with monkeypatch.context() as then:
        then.setattr(
            migrations,
            "migrations_of",
            lambda package: [one for one in migrations_of(package) if package == "latchkey_kit" or one.number <= 3],
        )
        then.setattr(migrations, "privileges_of", lambda _package: "")
        assert await migrate(url, COMPONENTS) == 3
    yield url, connection
    await connection.close()


async def record(connection, event):
    await connection.execute(
        "INSERT INTO event (id, tenant_id, at, action, entity_id, user_id, client_id, source, epoch, number, body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        event.id, event.tenantid, event.time, event.type, event.subject, event.userid, event.clientid, event.source,
        event.epoch, event.sequence, msgspec.json.encode(event),
    )  # fmt: skip


async def test_entries_of_before_are_chained_found_and_numbered(former, make_event):
    url, connection = former
    replaced = msgspec.structs.replace
    many = {"connection": CONNECTION, "people": [f"{n:032x}" for n in range(99, 0, -1)], "client": CLIENT, "by": TENANT}
    reuse = make_event("token.reused", client=CLIENT, after=1, agent="Mozilla/5.0 (X11; kim@acme.test)\0\n")
    events = [
        replaced(make_event(after=2), source="auth", epoch=EPOCH, sequence=3, address="10.0.0.7"),
        replaced(reuse, epoch=EPOCH, sequence=1, data=msgspec.Raw(msgspec.json.encode(many))),
        replaced(make_event("role.changed", after=1), subject="9" * 32),
        replaced(make_event(tenant=None, after=1), epoch=EPOCH, sequence=6),
        make_event("user.sign_in_failed", after=1),  # of no epoch: from before there were numbers
    ]
    for event in reversed(events):
        await record(connection, event)
    await connection.execute("INSERT INTO contiguity VALUES ('auth', $1, 3), ('auth', $2, 0)", EPOCH, LATER)
    await connection.execute("INSERT INTO renumbered VALUES ('auth', $1, 4), ('auth', $2, 1)", EPOCH, LATER)
    assert await migrate(url, COMPONENTS) > 0
    for tenant, own in ((TENANT, [events[0], events[1], events[2], events[4]]), (NOBODY, [events[3]])):
        await _is_chained(connection, tenant, sorted(own, key=lambda event: event.time))
    reaches = {one.epoch: (one.through, one.holes) for one in await arrivals.reaches(connection, "audit")}
    assert reaches == {EPOCH: (4, ((5, 5),)), LATER: (1, ())}


async def _is_chained(connection, tenant, events):
    rows = await connection.fetch("SELECT * FROM event WHERE tenant_id = $1 ORDER BY position", tenant)
    assert [row["id"] for row in rows] == [event.id for event in events]
    before = chain.GENESIS
    for position, row in enumerate(rows, 1):
        before = chain.link(
            before, tenant=tenant, position=position, recorded=row["recorded"], kept=row["kept"], body=row["body"]
        )
        assert (row["position"], row["hash"]) == (position, before)
        told = found(msgspec.json.decode(row["body"], type=CloudEvent))
        stands = {
            "tenant": row["tenant_id"], "at": row["at"], "action": row["action"], "result": row["result"],
            "subject": row["entity_id"], "user": row["user_id"], "client": row["client_id"],
            "connection": row["connection_id"], "address": row["address"], "source": row["source"],
            "epoch": row["epoch"], "number": row["number"],
        }  # fmt: skip
        stands["words"] = tuple(await connection.fetchval("SELECT tsvector_to_array($1::tsvector)", row["words"]))
        meant = msgspec.structs.asdict(told)
        assert stands == meant | {"words": tuple(sorted(told.words, key=str.encode))}
    assert await connection.fetchval("SELECT hash FROM chain WHERE tenant_id = $1", tenant) == rows[-1]["hash"]
