"""Whatever an event holds is one entry, which breaks nothing and is found."""

import datetime as dt

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latchkey_audit.store import log
from latchkey_contracts.events import EVENTS, CloudEvent
from latchkey_contracts.log_entry import found
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging.effects import Delivery
from latchkey_verify.testing import TENANT

ids = st.uuids().map(lambda one: one.hex)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.sampled_from(
    [
        "",
        "\0",
        "\x1b[2J\x1b]0;own\x07",
        "a\r\nb",
        "\u2028",
        "\u202e",
        "x" * 70_000,
        "é" * 3000,
        "<script>",
        "'; --",
        "İ",
    ]
)
whatever = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts | ids,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.just("connection"), inner, max_size=3),
    max_leaves=10,
)
maybe = st.none() | ids | texts
events = st.builds(
    CloudEvent,
    id=ids,
    source=st.sampled_from(["auth", "client-registry"]) | texts,
    type=st.sampled_from(sorted(name for name, _ in EVENTS)) | texts,
    subject=ids | texts,
    time=st.datetimes(timezones=st.just(dt.UTC)),
    data=whatever.map(lambda value: msgspec.Raw(msgspec.json.encode(value))),
    dataversion=st.integers(-(2**63), 2**63 - 1),
    tenantid=maybe,
    userid=maybe,
    clientid=maybe,
    requestid=maybe,
    traceparent=maybe,
    address=maybe,
    agent=maybe,
    epoch=maybe,
    sequence=st.none() | st.integers(-(2**70), 2**70),
)


def delivered(event):
    body = msgspec.json.encode(event)
    return Delivery(msgspec.json.decode(body, type=CloudEvent), body)


@pytest.fixture
def url(make_database):
    return make_database("latchkey_audit")


@pytest.fixture
async def connection(url):
    connection = await asyncpg.connect(url)
    await db.plain_ids(connection)
    yield connection
    await connection.close()


@pytest.fixture
def keep(background, url):
    """Adds events in one transaction, and gives what stands in the log of them."""

    async def add(deliveries):
        connection = await asyncpg.connect(url)
        try:
            await db.plain_ids(connection)
            async with connection.transaction():
                await log.add(connection, [log.coming(one) for one in deliveries], kept=12)
            return await connection.fetch("SELECT id, tenant_id, body FROM event WHERE id = ANY($1::uuid[])", [
                one.event.id for one in deliveries
            ])  # fmt: skip
        finally:
            await connection.close()

    return lambda deliveries: background.run(add(deliveries))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(events, min_size=1, max_size=5))
def test_no_event_that_is_well_formed_is_refused(keep, batch):
    # The ids are ours: Hypothesis may draw one again in a later example, and the log keeps the first of an id.
    deliveries = [delivered(msgspec.structs.replace(one, id=new_id(SystemClock(), SystemEntropy()))) for one in batch]
    kept = {row["id"]: row["body"] for row in keep(deliveries)}
    assert kept == {one.event.id: one.body for one in deliveries}


ODD = {
    "markup": "<script>alert(1)</script>", "lines": 'x\r\n{"action":"forged"}\n', "terminal": "\x1b[2J\x1b[31m\x9b1m",
    "nul": "a\0b", "separators": "\u2028\u2029\x85", "direction": "\u202e\u2066", "long": "agent/1 " * 37_500,
}  # fmt: skip


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_odd_text_anywhere_is_one_harmless_entry(connection, make_event, text):
    odd = msgspec.structs.replace(
        make_event(), agent=text, address=text, type=text, subject=text, source=text,
        data=msgspec.Raw(msgspec.json.encode({"name": text, "connection": text})),
    )  # fmt: skip
    before, after = make_event(after=1), make_event(after=1)
    async with connection.transaction():
        await log.add(connection, [log.coming(delivered(one)) for one in (before, odd, after)], kept=12)
    rows = await connection.fetch("SELECT * FROM event ORDER BY position")
    assert [row["id"] for row in rows] == [before.id, odd.id, after.id]
    row = rows[1]
    assert msgspec.json.decode(row["body"], type=CloudEvent) == odd
    assert row["tenant_id"] == TENANT
    assert row["connection_id"] is None
    for name in ("action", "address", "entity_id", "source"):
        assert len(row[name]) <= 200
        assert row[name].isprintable() or text in (ODD["separators"], ODD["direction"])
        assert not {"\0", "\r", "\n", "\x1b", "\x9b"} & set(row[name])


async def test_an_id_that_is_none_stands_in_no_column(connection, make_event):
    odd = msgspec.structs.replace(
        make_event(), tenantid="*", userid="1" * 31 + "\n", clientid="", epoch="x", sequence=1
    )
    async with connection.transaction():
        await log.add(connection, [log.coming(delivered(odd))], kept=12)
    row = await connection.fetchrow("SELECT tenant_id, user_id, client_id, epoch, number FROM event")
    assert tuple(row) == ("0" * 32, None, None, None, None), "in the log of nobody"
    assert await connection.fetchval("SELECT count(*) FROM arrived") == 0


BEFORE_TIME = dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14)))


@pytest.mark.parametrize("change", [{"data": msgspec.Raw(b"1e999")}, {"time": BEFORE_TIME}], ids=["data", "time"])
def test_what_nobody_could_be_shown_is_unreadable(make_event, change):
    with pytest.raises(msgspec.MsgspecError):
        found(msgspec.structs.replace(make_event(), **change))
