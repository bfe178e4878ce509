"""Every committed event reaches the stream, numbered without gaps, whatever fails between."""

import asyncio
import contextlib
import resource

import msgspec
import pytest
from conditions import all_marked
from nats.js.api import DiscardPolicy
from nats.js.errors import BadRequestError
from structlog.testing import capture_logs

from latchkey_contracts.events import CloudEvent
from latchkey_embedded import Nats, free_port
from latchkey_kit import db
from latchkey_kit.messaging import relay
from latchkey_kit.messaging.bus import connecting
from latchkey_kit.messaging.numbering import number
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.telemetry import facts, metrics, trace
from latchkey_kit.testing import eventually

TENANT = "0" * 32


@pytest.fixture
def stream_of(bus):
    async def read(count):
        """The first ``count`` messages of the stream, once they are there, and no more than those."""
        stream = bus.jetstream

        async def state():
            return (await stream.stream_info("LATCHKEY")).state

        async def enough():
            return (await state()).messages >= count

        await eventually(enough)
        held = await state()
        assert held.messages == count
        return [await stream.get_msg("LATCHKEY", seq=held.first_seq + at) for at in range(count)]

    return read


async def test_an_event_arrives_with_number_epoch_and_headers(database, bus, outbox, make_event, stream_of):
    span = trace.Span("a" * 32, "b" * 16, 1)
    token = facts.enter(facts.RequestFacts(request_id="request-1", span=span))
    event = make_event()
    async with relaying(database, bus):
        async with database.transaction() as connection:
            await outbox.add(connection, event, tenant=TENANT)
        (message,) = await stream_of(1)
    facts.leave(token)
    envelope = msgspec.json.decode(message.data, type=CloudEvent)
    assert message.subject == f"lk.v1.{TENANT}.client.{event.client}.updated"
    assert (envelope.sequence, envelope.requestid) == (1, "request-1")
    async with database.connection() as connection:
        assert envelope.epoch == await connection.fetchval("SELECT epoch FROM outbox_state")
    assert message.headers["ce-id"] == envelope.id
    assert message.headers["Nats-Msg-Id"] == f"{envelope.id}.{envelope.epoch}"
    assert message.headers["ce-type"] == "client.updated"
    assert message.headers["traceparent"] == envelope.traceparent
    assert trace.parse(envelope.traceparent).trace_id == span.trace_id
    assert msgspec.json.decode(envelope.data, type=type(event)) == event


async def test_concurrent_writers_get_numbers_without_gaps_in_stream_order(
    database, bus, outbox, make_event, stream_of
):
    async def write():
        for _ in range(20):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)

    async with relaying(database, bus):
        await asyncio.gather(*(write() for _ in range(10)))
        messages = await stream_of(200)
    sequences = [msgspec.json.decode(message.data, type=CloudEvent).sequence for message in messages]
    assert sequences == list(range(1, 201))


async def test_a_transaction_that_rolls_back_leaves_no_gap(database, bus, outbox, make_event, stream_of):
    async with relaying(database, bus):
        async with database.transaction() as connection:
            await outbox.add(connection, make_event(), tenant=TENANT)
        with contextlib.suppress(LookupError):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)
                raise LookupError
        async with database.transaction() as connection:
            await outbox.add(connection, make_event(), tenant=TENANT)
        messages = await stream_of(2)
    assert [msgspec.json.decode(message.data, type=CloudEvent).sequence for message in messages] == [1, 2]


async def test_a_slow_transaction_is_not_jumped_over(database, bus, outbox, make_event, stream_of):
    slow, quick = make_event(), make_event()
    async with relaying(database, bus):
        async with database.transaction() as first:
            await outbox.add(first, slow, tenant=TENANT)  # has the earlier id and time, and is seen later
            async with database.transaction() as second:
                await outbox.add(second, quick, tenant=TENANT)
            await stream_of(1)
        messages = await stream_of(2)
    assert [message.subject.split(".")[4] for message in messages] == [quick.client, slow.client]


async def test_a_crash_after_publishing_sends_again_and_the_stream_keeps_one(
    database, bus, outbox, make_event, stream_of
):
    async with database.transaction() as connection:
        await outbox.add(connection, make_event(), tenant=TENANT)
    async with relaying(database, bus):
        await stream_of(1)
        await eventually(lambda: all_marked(database))
    async with database.connection() as connection:  # the mark was lost with the process
        await connection.execute("UPDATE outbox SET published_at = NULL")
    async with relaying(database, bus):
        await eventually(lambda: all_marked(database))
        await stream_of(1)


async def test_a_crash_between_commit_and_publish_sends_later(database, bus, outbox, make_event, stream_of):
    async with database.transaction() as connection:
        await outbox.add(connection, make_event(), tenant=TENANT)
    async with database.session() as connection:
        assert await number(connection, 256) == 1
        assert await number(connection, 256) == 0
    async with relaying(database, bus):
        await stream_of(1)


async def test_two_that_number_at_once_leave_no_gap_and_no_twin(database, outbox, make_event):
    async def write():
        for _ in range(30):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)

    async def number_all(done):
        async with database.session() as connection:
            while not done.is_set() or await number(connection, 256):
                await number(connection, 256)

    done = asyncio.Event()
    relays = [asyncio.create_task(number_all(done)) for _ in range(2)]
    await asyncio.gather(*(write() for _ in range(4)))
    done.set()
    await asyncio.gather(*relays)
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT number FROM outbox ORDER BY number")
    assert [row["number"] for row in rows] == list(range(1, 121))


async def test_another_instance_takes_over_when_the_leader_loses_its_connection(
    make_database, nats, outbox, make_event, stream_of
):
    url = make_database()
    async with (
        db.connect(url, application="one") as one,
        db.connect(url, application="two") as two,
        connecting(nats, "", "", "client-registry") as bus,
        relaying(one, bus),
    ):
        await eventually(lambda: _leader(one))
        async with relaying(two, bus):
            async with one.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            async with one.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)
            await stream_of(1)


async def test_rows_wait_while_the_stream_is_missing_and_the_log_says_so_once(
    database, bus, outbox, make_event, stream_of
):
    await bus.jetstream.delete_stream("LATCHKEY")
    with capture_logs() as lines:
        async with relaying(database, bus):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)
                await outbox.add(connection, make_event(), tenant=TENANT)
            await eventually(lambda: [line for line in lines if line["event"] == "relay_waits"])
            await bus.jetstream.add_stream(name="LATCHKEY", subjects=["lk.v1.>"])
            await stream_of(2)
    assert len([line for line in lines if line["event"] == "relay_waits"]) == 1


async def test_rows_wait_while_nats_is_away(database, background, tmp_path, outbox, make_event):
    server = Nats(tmp_path, port=free_port())
    async with connecting(server.url, "", "", "client-registry") as bus, relaying(database, bus):
        for _ in range(2):
            async with database.transaction() as connection:
                await outbox.add(connection, make_event(), tenant=TENANT)
            await asyncio.to_thread(background.run, server.start())
            try:
                await bus.up.wait()
                with contextlib.suppress(BadRequestError):  # it is there since the first time
                    await bus.jetstream.add_stream(name="LATCHKEY", subjects=["lk.v1.>"])
                await eventually(lambda: all_marked(database))
            finally:
                await asyncio.to_thread(background.run, server.stop())
                await eventually(lambda: not bus.connected)


async def test_after_a_full_disk_the_relay_goes_on_once_nats_is_healthy(
    database, background, tmp_path, outbox, make_event
):
    """A write that fails makes JetStream refuse for ever, until it is restarted; it does not say so to publishers."""
    server = Nats(tmp_path, port=free_port())
    await asyncio.to_thread(background.run, server.start())
    try:
        async with connecting(server.url, "", "", "client-registry") as bus:
            await bus.up.wait()
            await bus.jetstream.add_stream(name="LATCHKEY", subjects=["lk.v1.>"])
            async with relaying(database, bus):
                await _write(database, outbox, make_event)
                await eventually(lambda: all_marked(database))
                resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
                await _write(database, outbox, make_event)
                await eventually(lambda: _is_unwell(server))
                resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
                await _write(database, outbox, make_event)
                assert not await all_marked(database)
                assert await _is_unwell(server)
                await asyncio.to_thread(background.run, server.stop())
                await asyncio.to_thread(background.run, server.start())
                await eventually(lambda: all_marked(database))
            assert (await bus.jetstream.stream_info("LATCHKEY")).state.messages == 3
    finally:
        await asyncio.to_thread(background.run, server.stop())


async def test_a_stream_that_is_full_is_waited_for(database, bus, outbox, make_event, stream_of):
    await bus.jetstream.update_stream(name="LATCHKEY", subjects=["lk.v1.>"], max_bytes=1500, discard=DiscardPolicy.NEW)
    async with relaying(database, bus):
        with capture_logs() as lines:
            for _ in range(5):
                await _write(database, outbox, make_event)
            await eventually(lambda: [line for line in lines if "maximum bytes exceeded" in str(line.get("reason"))])
        await bus.jetstream.update_stream(name="LATCHKEY", subjects=["lk.v1.>"], max_bytes=1_000_000)
        await stream_of(5)


async def test_what_waits_is_shown_also_while_nats_is_away(database, outbox, make_event, monkeypatch):
    monkeypatch.setattr(relay, "_LOOK_SECONDS", 0.01)
    await _write(database, outbox, make_event)
    async with connecting(f"nats://127.0.0.1:{free_port()}", "", "", "client-registry") as bus, relaying(database, bus):
        await eventually(lambda: _metric("latchkey_outbox_waiting") == 1)
        await _write(database, outbox, make_event)
        await eventually(lambda: _metric("latchkey_outbox_waiting") == 2)
        assert not _metric("latchkey_relay_leads")


async def test_who_leads_shows_it(database, bus):
    async with relaying(database, bus):
        await eventually(lambda: _metric("latchkey_relay_leads") == 1)
    assert _metric("latchkey_relay_leads") == 0


async def _write(database, outbox, make_event):
    async with database.transaction() as connection:
        await outbox.add(connection, make_event(), tenant=TENANT)


async def _is_unwell(server):
    return not await server.healthy()


def _metric(name):
    return metrics.registry.get_sample_value(name)


async def _leader(database):
    async with database.connection() as connection:
        return await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
