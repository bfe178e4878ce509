"""Each event is one entry of its tenant's chain, once, in the order in which it came."""

import msgspec
import pytest

from latchkey_audit.store import log
from latchkey_contracts import chain
from latchkey_contracts.events.audit import NOBODY
from latchkey_kit import db
from latchkey_kit.messaging.effects import Delivery
from latchkey_verify.testing import TENANT

OTHER = "e" * 32


@pytest.fixture
async def database(make_database):
    async with db.connect(make_database("latchkey_audit")) as database:
        yield database


def delivered(event):
    return Delivery(event, msgspec.json.encode(event))


@pytest.fixture
def add(database):
    async def append(*events):
        async with database.transaction() as connection:
            await log.add(connection, [log.coming(delivered(one)) for one in events], kept=12)

    return append


@pytest.fixture
def entries(database):
    async def read(tenant):
        async with database.connection() as connection:
            return await connection.fetch("SELECT * FROM event WHERE tenant_id = $1 ORDER BY position", tenant)

    return read


async def test_each_tenant_has_a_chain_of_its_own(add, entries, make_event):
    mine = [make_event(after=1) for _ in range(5)]
    other, nobodys = make_event(tenant=OTHER), make_event(tenant=None)
    await add(*mine[:2], other)
    await add(nobodys, *mine[2:])
    for tenant, events in ((TENANT, mine), (OTHER, [other]), (NOBODY, [nobodys])):
        before = chain.GENESIS
        found = await entries(tenant)
        assert [row["id"] for row in found] == [one.id for one in events]
        for position, (row, event) in enumerate(zip(found, events, strict=True), 1):
            before = chain.link(
                before,
                tenant=tenant,
                position=position,
                recorded=row["recorded"],
                kept=row["kept"],
                body=msgspec.json.encode(event),
            )
            assert (row["position"], row["hash"]) == (position, before)


async def test_what_came_before_changes_nothing(add, entries, make_event):
    first, second = make_event(), make_event(after=1)
    await add(first, first)
    await add(first, second)
    await add(second)
    assert [row["id"] for row in await entries(TENANT)] == [first.id, second.id]


async def test_two_tenants_may_have_an_event_of_the_same_id(add, entries, make_event):
    mine = make_event()
    theirs = msgspec.structs.replace(make_event(tenant=OTHER), id=mine.id)
    await add(mine, theirs, mine)
    await add(theirs, mine)
    for tenant in (TENANT, OTHER):
        assert [row["id"] for row in await entries(tenant)] == [mine.id]


async def test_for_how_long_an_entry_is_kept_is_in_its_hash(database, entries, make_event):
    events = [make_event(after=1) for _ in range(2)]
    before = chain.GENESIS
    for event, kept in zip(events, (12, 36), strict=True):
        async with database.transaction() as connection:
            await log.add(connection, [log.coming(delivered(event))], kept=12)
            await connection.execute("UPDATE chain SET kept = 36")
        row = (await entries(TENANT))[-1]
        before = chain.link(
            before, tenant=TENANT, position=row["position"], recorded=row["recorded"], kept=kept, body=row["body"]
        )
        assert (row["kept"], row["hash"]) == (kept, before)
