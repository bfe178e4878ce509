"""A consumer asks for what it lacks, and the source sends it again, beside what is new."""

import asyncio

import msgspec
import pytest
from conditions import all_marked
from nats.js.errors import NotFoundError
from structlog.testing import capture_logs

from latchkey_contracts.events import CloudEvent
from latchkey_kit.messaging import asking, receipts, relay, resend
from latchkey_kit.messaging.numbering import number, start_new_epoch
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.testing import eventually

TENANT = "0" * 32


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(relay, "_ASKED_SECONDS", 0.01)


@pytest.fixture
def write(database, outbox, make_event):
    async def add(count):
        async with database.transaction() as connection:
            for _ in range(count):
                await outbox.add(connection, make_event(), tenant=TENANT)

    return add


@pytest.fixture
def held(bus):
    """The numbers in the stream, in its order."""

    async def read():
        stream = bus.client.jetstream(timeout=40)
        last = (await stream.stream_info("LATCHKEY")).state.last_seq
        found = await asyncio.gather(*(_sequence(stream, at) for at in range(1, last + 1)))
        return [one for one in found if one is not None]

    return read


async def _sequence(stream, at):
    try:
        message = await stream.get_msg("LATCHKEY", seq=at)
    except NotFoundError:
        return None
    return msgspec.json.decode(message.data, type=CloudEvent).sequence


@pytest.fixture
def epoch(database):
    async def read():
        async with database.connection() as connection:
            return await connection.fetchval("SELECT epoch FROM outbox_state")

    return read


@pytest.fixture
def asked(database):
    async def read():
        async with database.connection() as connection:
            return await connection.fetchval("SELECT asked::text FROM outbox_state")

    return read


@pytest.fixture
async def sending(database, bus):
    async with relaying(database, bus, consumers=("audit",)):
        yield


@pytest.fixture
def ask(bus, epoch):
    async def tell(*missing, of=None):
        await receipts.confirm(bus, "audit", "client-registry", of or await epoch(), 0, missing)

    return tell


async def test_what_the_stream_lost_comes_again_though_it_was_told_a_moment_ago(
    sending, write, database, bus, held, ask
):
    await write(5)
    await eventually(lambda: all_marked(database))
    for lost in (2, 3, 5):
        await bus.jetstream.delete_msg("LATCHKEY", lost)
    assert await held() == [1, 4]
    await ask((2, 3), (5, 5))
    await eventually(lambda: _is(held, [1, 4, 2, 3, 5]))
    await bus.jetstream.delete_msg("LATCHKEY", 7)
    await ask((3, 3))
    await eventually(lambda: _is(held, [1, 4, 2, 5, 3]))


async def test_what_is_gone_is_told_once_and_the_rest_is_sent(sending, write, database, held, ask, asked):
    await write(5)
    await eventually(lambda: all_marked(database))
    async with database.connection() as connection:
        await connection.execute("DELETE FROM outbox WHERE number <= 2")
    with capture_logs() as lines:
        await ask((1, 3))
        await eventually(lambda: _is(held, [1, 2, 3, 4, 5, 3]))
        await ask((1, 2), (4, 2**62))
        await eventually(lambda: _is(held, [1, 2, 3, 4, 5, 3, 4, 5]))
        await eventually(lambda: _is(asked, "{}"))
    assert [line["numbers"] for line in lines if line["event"] == "events_gone"] == ["{[1,3)}"]


async def test_who_asks_for_everything_holds_up_nothing_that_is_new(sending, write, database, held, ask, monkeypatch):
    sent, meanwhile = asking.sent, [1]

    async def sent_and_written(*about):
        await sent(*about)
        if meanwhile:
            await write(meanwhile.pop())

    monkeypatch.setattr(relay, "_BATCH", 16)
    monkeypatch.setattr(asking, "sent", sent_and_written)
    await write(400)
    await eventually(lambda: all_marked(database))
    await ask((1, 2**62))
    await eventually(lambda: _longer(held, 800))
    order = await held()
    assert order.index(401) == 400 + 16, "it waited for one batch of them, not for their end"
    assert sorted(order) == sorted([*range(1, 401), *range(1, 402)])


async def test_a_stream_that_is_nearly_full_is_left_to_what_is_new(write, database, bus, held, ask, asked, monkeypatch):
    monkeypatch.setattr(resend, "_SPARE", 0)
    await bus.jetstream.delete_stream("LATCHKEY")
    await bus.jetstream.add_stream(name="LATCHKEY", subjects=["lk.v1.>"], max_bytes=1_000_000)
    async with relaying(database, bus, consumers=("audit",)):
        await write(2)
        await eventually(lambda: all_marked(database))
        await ask((1, 2))
        await eventually(lambda: _is(asked, "{[1,3)}"))
        await write(1)
        await eventually(lambda: all_marked(database))
        assert await held() == [1, 2, 3]


async def test_what_was_never_told_is_not_asked_for_nor_what_another_epoch_told(database, write, asked, epoch):
    await write(3)
    async with database.session() as connection:
        await number(connection, 256)
        await asking.ask(connection, "f" * 32, [(1, 2)])
        await asking.ask(connection, await epoch(), [(4, 9), (3, 2)])
        assert await asked() == "{}"
        await asking.ask(connection, await epoch(), [(2, 9)])
        assert await asked() == "{[2,4)}"
        await start_new_epoch(connection)
        assert await asked() == "{}"


async def test_what_waits_to_be_sent_for_the_first_time_is_not_gone(database, write, asked, epoch):
    await write(3)
    async with database.session() as connection:
        await number(connection, 256)
        await connection.execute("UPDATE outbox SET published_at = now() WHERE number = 2")
        await asking.ask(connection, await epoch(), [(1, 3)])
        wanted = await asking.stretch(connection, 2)
        assert [row["number"] for row in wanted.rows] == [2]
        await asking.ask(connection, await epoch(), [(1, 1)])
        await asking.sent(connection, wanted)
        assert await asked() == "{[3,4)}"
        await asking.sent(connection, await asking.stretch(connection, 2))
        assert await connection.fetchval("SELECT gone::text FROM outbox_state") == "{}"
        assert await asking.stretch(connection, 2) is None


async def _is(read, wanted):
    return await read() == wanted


async def _longer(read, count):
    return len(await read()) > count
