"""What a body says beyond its subject is believed by nobody, and passes for nobody's."""

import contextlib

import msgspec
import pytest
from conditions import equal

from latchkey_contracts.events import CloudEvent
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.inbox_together import consuming_together
from latchkey_kit.testing import eventually

TENANT, EPOCH = "0" * 32, "e" * 32


@pytest.fixture(params=["one by one", "together"])
def consume(request, database, bus):
    """An inbox of each kind: its dead letters, what took effect, and the subjects it could not read."""

    @contextlib.asynccontextmanager
    async def open_():
        seen, unread = [], []

        async def apply(_connection, event):
            seen.append(event.id)

        async def apply_all(_connection, deliveries):
            seen.extend(one.event.id for one in deliveries)

        async def unreadable(_connection, subject):
            unread.append(subject)

        about = {"durable": "token", "subjects": ("lk.v1.*.client.>",), "unreadable": unreadable}
        kind = consuming(database, bus, apply=apply, **about)
        if request.param == "together":
            kind = consuming_together(database, bus, prepare=lambda one: one, apply_all=apply_all, **about)
        async with kind as letters:
            yield letters, seen, unread

    return open_


@pytest.fixture
def row(outbox, make_event):
    return outbox.row(make_event(), tenant=TENANT)


@pytest.fixture
def parked(database):
    async def read():
        async with database.connection() as connection:
            return await connection.fetch("SELECT * FROM dead_letter ORDER BY id")

    return read


LIES = {
    "type": {"type": "client.deleted"},
    "aggregate": {"type": "tenant.off_boarded", "source": "auth"},
    "tenant": {"tenantid": "1" * 32},
    "no tenant": {"tenantid": None},
    "subject": {"subject": "2" * 32},
    "source": {"source": "auth"},
    "source that nobody knows": {"source": "whoever"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_body_that_lies_is_parked_and_nobodys(bus, consume, row, parked, outbox, make_event, lie):
    event = msgspec.json.decode(row.body, type=CloudEvent)
    body = msgspec.json.encode(msgspec.structs.replace(event, epoch=EPOCH, sequence=1, **lie))
    await bus.jetstream.publish(row.subject, body)
    after = outbox.row(make_event(), tenant=TENANT)
    await bus.jetstream.publish(after.subject, after.body)
    async with consume() as (letters, seen, unread):
        await eventually(lambda: _is(seen, [after.id]))
        (letter,) = await eventually(parked)
        assert letter["reason"].startswith("MisfitError: ")
        assert (letter["subject"], letter["source"], letter["epoch"], letter["number"]) == (
            row.subject,
            None,
            None,
            None,
        )
        assert unread == [row.subject], "whoever must know asks the owner of what the subject names"
        assert (await letters.retry(letter["id"])).startswith("MisfitError: ")
        assert seen == [after.id]
    assert len(await parked()) == 1


async def test_a_subject_that_reads_in_two_ways_is_read_in_one(bus, consume, row, parked):
    """Who may publish on ``lk.v1.*.client.>`` may add words; the tenant ``a.client`` would make them a tenant's."""
    event = msgspec.json.decode(row.body, type=CloudEvent)
    lie = msgspec.structs.replace(
        event, source="auth", type="tenant.off_boarded", tenantid="a.client", subject=TENANT
    )  # fmt: skip
    await bus.jetstream.publish(f"lk.v1.a.client.tenant.{TENANT}.off_boarded", msgspec.json.encode(lie))
    async with consume() as (_, seen, _):
        await eventually(parked)
        assert seen == []


async def test_what_is_sent_again_under_other_ids_is_parked_once(bus, consume, row, parked, outbox, make_event):
    lie = row.body.replace(b'"client-registry"', b'"auth"')
    for name in ("first", "second"):
        await bus.jetstream.publish(row.subject, lie, headers={"Nats-Msg-Id": name})
    after = outbox.row(make_event(), tenant=TENANT)
    await bus.jetstream.publish(after.subject, after.body)
    async with consume() as (_, seen, _):
        await eventually(lambda: equal(_length(parked), 1))
        await eventually(lambda: _is(seen, [after.id]))
    assert len(await parked()) == 1


def _length(read):
    async def count():
        return len(await read())

    return count


async def _is(seen, wanted):
    return seen == wanted
