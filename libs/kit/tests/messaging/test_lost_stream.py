"""A stream that was lost is filled again from the outbox, and everybody counts each event once."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest
from conditions import all_marked, equal
from nats.js.api import DiscardPolicy, StreamConfig
from nats.js.errors import NotFoundError
from structlog.testing import capture_logs

from latchkey_contracts.events import CloudEvent
from latchkey_embedded import Nats, free_port
from latchkey_kit.messaging import relay, resend, stream
from latchkey_kit.messaging.bus import AWAY, connecting
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.testing import eventually

TENANT = "0" * 32
DEFINITION = stream.read(Path(__file__).parents[4] / "deploy" / "nats" / "stream.toml")
SECONDS_A_DAY = 86_400


@pytest.fixture
def write(database, outbox, make_event):
    async def add(count=1):
        async with database.transaction() as connection:
            for _ in range(count):
                await outbox.add(connection, make_event(), tenant=TENANT)

    return add


@pytest.fixture
def held(bus):
    """The sequences of the stream, in its order."""

    async def read():
        try:
            state = (await bus.jetstream.stream_info("LATCHKEY")).state
        except NotFoundError:
            return None
        messages = [await bus.jetstream.get_msg("LATCHKEY", seq=at) for at in range(1, state.last_seq + 1)]
        return [msgspec.json.decode(message.data, type=CloudEvent).sequence for message in messages]

    return read


@pytest.fixture
def remake(bus):
    async def make(**options):
        await bus.jetstream.delete_stream("LATCHKEY")
        await bus.jetstream.add_stream(StreamConfig(name="LATCHKEY", subjects=["lk.v1.>"], **options))

    return make


async def test_what_the_lost_stream_held_is_sent_again_in_order_before_what_is_new(
    database, bus, write, held, remake, monkeypatch
):
    monkeypatch.setattr(relay, "_BATCH", 4)
    monkeypatch.setattr(resend, "_STRETCH", 6)
    async with relaying(database, bus):
        await write(20)
        await eventually(lambda: equal(held, list(range(1, 21))))
    await write(3)
    await remake()
    async with relaying(database, bus):
        await eventually(lambda: equal(held, list(range(1, 24))))


async def test_a_stream_lost_under_a_working_relay_is_noticed(database, bus, write, held, remake, monkeypatch):
    monkeypatch.setattr(relay, "_LOOK_SECONDS", 0.1)
    with capture_logs() as lines:
        async with relaying(database, bus):
            await write(5)
            await eventually(lambda: equal(held, [1, 2, 3, 4, 5]))
            for _ in range(2):
                await remake()
                await eventually(lambda: equal(held, [1, 2, 3, 4, 5]))
    assert [line["sending_again"] for line in lines if line["event"] == "stream_lost"] == [5, 5]


async def test_a_stream_that_lost_its_end_is_filled_again(database, bus, write, held):
    async with relaying(database, bus):
        await write(3)
        await eventually(lambda: equal(held, [1, 2, 3]))
        await eventually(lambda: all_marked(database))
    await bus.jetstream.delete_msg("LATCHKEY", 2)
    async with database.connection() as connection:  # an older copy of its files would end before this
        await connection.execute("UPDATE outbox_state SET stream_sequence = 4")
    with capture_logs() as lines:
        async with relaying(database, bus):
            await eventually(lambda: [line for line in lines if line["event"] == "stream_lost"])
            await eventually(lambda: _nothing_to_send_again(database))


async def test_what_had_left_the_lost_stream_by_its_age_is_not_sent_again(database, bus, write, held, remake):
    async with relaying(database, bus):
        await write(6)
        await eventually(lambda: equal(held, [1, 2, 3, 4, 5, 6]))
        await eventually(lambda: all_marked(database))
    async with database.connection() as connection:
        await connection.execute("UPDATE outbox SET published_at = published_at - interval '8 days' WHERE number <= 4")
    await remake(max_age=7 * SECONDS_A_DAY)
    await write()
    async with relaying(database, bus):
        await eventually(lambda: equal(held, [5, 6, 7]))


async def test_sending_again_goes_on_where_it_was_stopped(database, bus, write, held, remake, monkeypatch):
    monkeypatch.setattr(relay, "_BATCH", 4)
    async with relaying(database, bus):
        await write(20)
        await eventually(lambda: equal(held, list(range(1, 21))))
    await remake(max_bytes=4000, discard=DiscardPolicy.NEW)
    async with relaying(database, bus):
        await eventually(lambda: _is_full(bus))
    assert 0 < len(await held()) < 20
    await bus.jetstream.update_stream(StreamConfig(name="LATCHKEY", subjects=["lk.v1.>"], max_bytes=1_000_000))
    async with relaying(database, bus):
        await eventually(lambda: _nothing_to_send_again(database))
    assert set(await held()) == set(range(1, 21))


async def test_nothing_is_sent_again_to_a_stream_that_was_only_away(database, background, tmp_path, outbox, make_event):
    server = Nats(tmp_path, port=free_port())
    await _start(background, server)
    try:
        async with connecting(server.url, "", "", "client-registry") as bus, relaying(database, bus):
            with capture_logs() as lines:
                for _ in range(2):
                    async with database.transaction() as connection:
                        await outbox.add(connection, make_event(), tenant=TENANT)
                    await eventually(lambda: all_marked(database))
                    await asyncio.to_thread(background.run, server.stop())
                    await asyncio.to_thread(background.run, server.start())
                    await eventually(lambda: bus.connected)
            assert [line for line in lines if line["event"] == "stream_lost"] == []
    finally:
        await asyncio.to_thread(background.run, server.stop())


async def test_after_nats_lost_its_files_everything_arrives_and_counts_once(
    database, background, tmp_path, outbox, make_event
):
    """The whole way: server down, files gone, server up, stream kept by the deployment, relay and inbox untouched."""
    seen = []

    async def apply(_connection, event):
        seen.append(event.sequence)

    async def write(count):
        for _ in range(count):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)

    server = Nats(tmp_path / "nats", port=free_port())
    await asyncio.to_thread(background.run, server.start())
    keeper = asyncio.create_task(stream.keep(server.url, "", "", DEFINITION))
    try:
        async with (
            connecting(server.url, "", "", "client-registry") as bus,
            relaying(database, bus),
            consuming(database, bus, durable="token", subjects=("lk.v1.*.client.>",), apply=apply),
        ):
            await write(5)
            await eventually(lambda: seen == [1, 2, 3, 4, 5])
            await asyncio.to_thread(background.run, server.stop())
            await write(5)
            await asyncio.to_thread(shutil.rmtree, tmp_path / "nats" / "jetstream")
            await asyncio.to_thread(background.run, server.start())
            await eventually(lambda: sorted(seen) == list(range(1, 11)), 30)
            await eventually(lambda: _confirmed(bus, 10))
            assert sorted(seen) == list(range(1, 11))
    finally:
        keeper.cancel()
        await asyncio.to_thread(background.run, server.stop())


async def _start(background, server):
    await asyncio.to_thread(background.run, server.start())
    await stream.provide(server.url, "", "", DEFINITION)


async def _is_full(bus):
    state = (await bus.jetstream.stream_info("LATCHKEY")).state
    return state.bytes > 3000


async def _confirmed(bus, count):
    try:
        held = await bus.jetstream.consumer_info("LATCHKEY", "token")
    except AWAY:
        return False
    return held.ack_floor.consumer_seq >= count and held.num_pending == 0


async def _nothing_to_send_again(database):
    async with database.connection() as connection:
        return await connection.fetchval("SELECT resend_after >= resend_through FROM outbox_state")
