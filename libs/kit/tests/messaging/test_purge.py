"""What everybody has is forgotten in time, and nothing else is."""

import msgspec
import pytest
from conditions import all_marked, equal
from nats.js.api import StreamConfig

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.receipts import Receipt
from latchkey_kit.messaging import numbering, purging, receipts, relay
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.testing import eventually

TENANT = "0" * 32
DAY = 86_400
CONSUMERS = ("audit", "token")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch):
    monkeypatch.setattr(relay, "_PURGE_SECONDS", 0.05)
    monkeypatch.setattr(relay, "_LOOK_SECONDS", 0.05)


@pytest.fixture
def write(database, outbox, make_event):
    async def add(count=1):
        async with database.transaction() as connection:
            for _ in range(count):
                await outbox.add(connection, make_event(), tenant=TENANT)

    return add


@pytest.fixture
def sent(database, bus, write):
    """Write events, and wait until NATS has them."""

    async def send(count):
        await write(count)
        async with relaying(database, bus):
            await eventually(lambda: all_marked(database))

    return send


@pytest.fixture
def left(database):
    async def read():
        async with database.connection() as connection:
            return [row["number"] for row in await connection.fetch("SELECT number FROM outbox ORDER BY number")]

    return read


@pytest.fixture
def confirm(database):
    async def keep(consumer, through):
        async with database.connection() as connection:
            epoch = await connection.fetchval("SELECT epoch FROM outbox_state")
            receipt = Receipt(consumer=consumer, source="client-registry", epoch=epoch, through=through)
            assert await receipts.keep(connection, receipt) == ""

    return keep


@pytest.fixture
def age(database):
    """Let the events up to a number have been published so many days ago."""

    async def set_back(through, days):
        async with database.connection() as connection:
            await connection.execute(
                "UPDATE outbox SET published_at = published_at - $2 * interval '1 day' WHERE number <= $1",
                through,
                days,
            )

    return set_back


@pytest.fixture
def purge(database):
    async def once(consumers=CONSUMERS, older_than=7 * DAY):
        async with database.connection() as connection:
            return await purging.purge_outbox(connection, consumers, older_than)

    return once


async def test_what_all_have_confirmed_goes_when_it_is_old(database, bus, sent, left, confirm, age):
    await sent(6)
    await age(5, days=8)
    await confirm("audit", 6)
    await confirm("token", 4)
    async with relaying(database, bus, consumers=CONSUMERS):
        await eventually(lambda: equal(left, [5, 6]))
        await confirm("token", 6)
        await eventually(lambda: equal(left, [6]))


async def test_a_consumer_that_never_said_anything_keeps_everything(sent, left, confirm, age, purge):
    await sent(3)
    await age(3, days=100)
    await confirm("audit", 3)
    assert await purge() == 0
    assert await left() == [1, 2, 3]
    assert await purge(consumers=("audit",)) == 3


async def test_what_is_young_or_not_published_stays_with_all_behind_it(database, sent, left, confirm, age, purge):
    await sent(4)
    for consumer in CONSUMERS:
        await confirm(consumer, 4)
    await age(4, days=8)
    async with database.connection() as connection:
        await connection.execute("UPDATE outbox SET published_at = clock_timestamp() WHERE number = 2")
        await connection.execute("UPDATE outbox SET published_at = NULL WHERE number = 3")
    assert await purge() == 1
    assert await purge() == 0
    assert await left() == [2, 3, 4]
    assert await purge(older_than=-1) == 1
    assert await left() == [3, 4]


async def test_a_batch_is_small_and_the_next_goes_on(sent, left, confirm, age, purge, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 4)
    await sent(10)
    await age(9, days=8)
    for consumer in CONSUMERS:
        await confirm(consumer, 10)
    assert [await purge() for _ in range(4)] == [4, 4, 1, 0]
    assert await left() == [10]


async def test_without_consumers_nothing_is_forgotten(database, bus, write, sent, left, age):
    await sent(2)
    await age(2, days=1000)
    async with relaying(database, bus):
        await write(1)
        await eventually(lambda: all_marked(database))
    assert await left() == [1, 2, 3]


async def test_what_the_stream_still_keeps_stays(database, bus, write, sent, left, confirm, age):
    await bus.jetstream.update_stream(StreamConfig(name="LATCHKEY", subjects=["lk.v1.>"], max_age=30 * DAY))
    await sent(3)
    await age(3, days=20)
    await age(1, days=20)
    for consumer in CONSUMERS:
        await confirm(consumer, 3)
    async with relaying(database, bus, consumers=CONSUMERS):
        await eventually(lambda: equal(left, [2, 3]))
        await write(1)
        await eventually(lambda: all_marked(database))
    assert await left() == [2, 3, 4]


async def test_numbers_go_on_and_a_lost_stream_is_filled_with_what_there_is(
    database, bus, write, sent, left, confirm, age
):
    await sent(6)
    await age(4, days=8)
    for consumer in CONSUMERS:
        await confirm(consumer, 6)
    async with relaying(database, bus, consumers=CONSUMERS):
        await eventually(lambda: equal(left, [5, 6]))
        await bus.jetstream.delete_stream("LATCHKEY")
        await bus.jetstream.add_stream(StreamConfig(name="LATCHKEY", subjects=["lk.v1.>"], max_age=7 * DAY))
        await write(2)
        await eventually(lambda: equal(lambda: _sequences(bus), [5, 6, 7, 8]))
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT last_number FROM outbox_state") == 8


async def test_when_everything_is_forgotten_numbers_still_go_on(database, bus, write, sent, left, confirm, age):
    await sent(3)
    await age(3, days=8)
    for consumer in CONSUMERS:
        await confirm(consumer, 3)
    async with relaying(database, bus, consumers=CONSUMERS):
        await eventually(lambda: equal(left, []))
        await write(1)
        await eventually(lambda: equal(left, [4]))


async def test_after_a_restore_all_that_is_left_is_numbered_anew_and_what_was_confirmed_counts_no_more(
    database, bus, sent, left, confirm, age
):
    await sent(6)
    await age(6, days=8)
    for consumer in CONSUMERS:
        await confirm(consumer, 4)
    async with relaying(database, bus, consumers=CONSUMERS):
        await eventually(lambda: equal(left, [5, 6]))
        async with database.transaction() as connection:
            await numbering.start_new_epoch(connection)
        await eventually(lambda: equal(left, [1, 2]))
        await eventually(lambda: all_marked(database))
        await age(2, days=8)
        for consumer in CONSUMERS:
            await confirm(consumer, 1)
        await eventually(lambda: equal(left, [2]))


async def test_an_inbox_forgets_what_cannot_come_again(database, outbox, make_event, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    old = [f"{number:012x}{'7' * 20}" for number in range(5)]  # of the year 1970
    late, young = "0" * 32, outbox.row(make_event(), tenant=TENANT).id
    async with database.connection() as connection:
        rows = [*(("token", one, 16) for one in old), ("other", old[0], 16), ("token", late, 14), ("token", young, 14)]
        await connection.executemany(
            "INSERT INTO inbox (durable, event_id, received_at)"
            " VALUES ($1, $2, clock_timestamp() - $3 * interval '1 day')",
            rows,
        )
        assert [await purging.purge_inbox(connection, "token") for _ in range(4)] == [2, 2, 1, 0]
        rows = await connection.fetch("SELECT durable, event_id FROM inbox")
    assert {tuple(row) for row in rows} == {("other", old[0]), ("token", late), ("token", young)}


async def _sequences(bus):
    last = (await bus.jetstream.stream_info("LATCHKEY")).state.last_seq
    messages = [await bus.jetstream.get_msg("LATCHKEY", seq=at) for at in range(1, last + 1)]
    # Sorted, for what is new may go out before it is noticed that the stream is another one.
    return sorted(msgspec.json.decode(message.data, type=CloudEvent).sequence for message in messages)
