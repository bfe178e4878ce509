"""Every change is told, in the transaction of the change, and nothing else is."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from latchkey_contracts.events import EVENTS, CloudEvent
from latchkey_contracts.events.access import AccessRefused
from latchkey_kit.db import connect, plain_ids
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.testing import ManualClock, SeededEntropy
from latchkey_kit.testing.services import ORIGIN
from latchkey_policy.permissions import PermissionSet
from latchkey_records.domain.catalogue import COMPANY
from latchkey_records.operations import Operations
from latchkey_verify import Bearer, Effective, InvalidToken

ACME, SAM, CLIENT = "a" * 32, "5" * 32, "3" * 32
MCP = f"{ORIGIN}/v1/mcp"


@pytest.fixture
async def told(house):
    """The events of records so far, oldest first."""
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    await plain_ids(connection)

    async def ask():
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at, id")
        return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]

    yield ask
    await connection.close()


async def test_changes_are_told_with_who_made_them(house, companies, told):
    token = house.grant()
    record = (await house.post("/v1/companies", token, {"name": "New"})).body["id"]
    await house.patch(f"/v1/companies/{record}", token, {"city": "Rome", "arr": 5})
    await house.delete(f"/v1/companies/{record}", token)
    events = await told()
    assert [event.type for event in events] == ["record.created", "record.updated", "record.removed"]
    assert {(event.tenantid, event.userid, event.clientid, event.subject) for event in events} == {
        (ACME, SAM, CLIENT, record)
    }
    read = [msgspec.json.decode(event.data, type=EVENTS[event.type, 1]) for event in events]
    assert (read[1].model, read[1].fields) == ("company", ("arr", "city"))
    assert "Rome" not in str(events[1].data)


async def test_what_is_refused_or_only_read_is_not_told(house, companies, told):
    token = house.grant(portfolio="own")
    await house.get("/v1/companies", token)
    await house.patch(f"/v1/companies/{companies[0]}", token, {})
    await house.patch(f"/v1/companies/{companies[1]}", token, {"city": "Rome"})
    await house.patch(f"/v1/companies/{companies[0]}", token, {"owner": "6" * 32})
    await house.post("/v1/companies", token, {"name": "New"})
    await house.delete(f"/v1/companies/{companies[1]}", token)
    assert await told() == []


class Died:
    """A verifier that sees every bearer dead."""

    def confirm(self, bearer):
        raise InvalidToken("revoked")


@pytest.fixture
async def core_of_the_dead(make_database):
    """Performs an operation for a bearer that has died since it was let in; and the database."""
    clock, entropy = ManualClock(), SeededEntropy()
    every = PermissionSet.of({"company": ["create", "view", "update", "remove"]})
    may = Effective(permissions=every, grantable=every, portfolios=("all", "all"))
    bearer = Bearer(
        connection="c" * 32, tenant=ACME, user=SAM, client=CLIENT, document="d" * 64, audiences=(),
        expires=clock.now() + dt.timedelta(hours=1), born=1, kid="key-1",
    )  # fmt: skip
    async with connect(make_database("latchkey_records")) as database:
        operations = Operations(database, Outbox("records", clock, entropy), Died(), clock, entropy)
        yield lambda operation, given: operations.perform(bearer, may, COMPANY, operation, given), database


async def test_bearer_that_dies_before_the_commit_has_changed_nothing(core_of_the_dead):
    perform, database = core_of_the_dead
    with pytest.raises(InvalidToken):
        await perform("create", {"values": {"name": "New"}})
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT (SELECT count(*) FROM company) + (SELECT count(*) FROM outbox)") == 0


@pytest.mark.parametrize(
    ("operation", "given"), [("list", {}), ("get", {"id": "a" * 32}), ("update", {"id": "a" * 32, "values": {}})]
)
async def test_bearer_that_dies_before_the_answer_is_told_nothing(core_of_the_dead, operation, given):
    perform, _ = core_of_the_dead
    with pytest.raises(InvalidToken):
        await perform(operation, given)


async def test_what_a_connection_may_not_is_told_once_through_both_doors(house, companies, told):
    rest = house.grant({"company": ["view"]})
    for _ in range(3):
        assert (await house.post("/v1/companies", rest, {"name": "New"})).status == 403
    await house.delete(f"/v1/companies/{companies[0]}", rest)
    assert (await house.get("/v1/companies/export", rest)).status == 403
    await house.perform(house.grant({"company": ["view"]}, aud=MCP), "tasks", "list")
    refused = [msgspec.json.decode(one.data, type=AccessRefused) for one in await told()]
    assert [(one.model, one.action, one.lacking) for one in refused] == [
        ("company", "create", ("company:create",)), ("company", "remove", ("company:remove",)),
        ("company", "export", ("company:export",)), ("task", "view", ("task:view",)),
    ]  # fmt: skip
    assert {(one.user, one.client, one.times) for one in refused} == {(SAM, CLIENT, 1)}
    assert {(one.type, one.tenantid, one.userid) for one in await told()} == {("access.refused", ACME, SAM)}


async def test_fields_that_are_lacking_are_named_and_not_what_was_to_stand_there(house, companies, told):
    token = house.grant({"company": {"view": "*", "update": ["name"]}})
    await house.patch(f"/v1/companies/{companies[0]}", token, {"city": "canary-city", "phase": "canary-phase"})
    (envelope,) = await told()
    event = msgspec.json.decode(envelope.data, type=AccessRefused)
    assert event.lacking == ("company.city:update", "company.phase:update")
    assert "canary" not in str(envelope)
