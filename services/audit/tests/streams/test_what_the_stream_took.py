"""Where the stream is with a consumer: its mark says so, or an entry whose mark did not come through."""

import datetime as dt

import pytest

from latchkey_audit.domain import streaming
from latchkey_audit.domain.streaming import Entry, Mark
from latchkey_audit.streams.stream import Stream
from latchkey_embedded import Nats
from latchkey_kit.messaging import bus, together
from latchkey_kit.messaging.together import Message

TENANT, CONSUMER, ANOTHER = "1" * 32, "2" * 32, "3" * 32
RUN = 3


@pytest.fixture
async def stream(tmp_path):
    async with Nats(tmp_path / "streams") as server, bus.connecting(server.url, "", "", "audit") as connected:
        await connected.up.wait()
        made = Stream(connected)
        await made.ensure()
        yield made


@pytest.fixture
def pair():
    """An entry and its mark."""

    def make(position, *, run=RUN, consumer=CONSUMER):
        entry = Entry(
            position=position, recorded=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), kept=13, action="client.updated",
            hash=bytes([position]) * 32, body=b"{}",
        )  # fmt: skip
        subject = streaming.subject(TENANT, consumer, entry.action)
        return (
            Message(subject, entry.body, streaming.headers(consumer, run, entry)),
            Message(streaming.mark_place(consumer), b"", streaming.mark_headers(run, entry)),
        )

    return make


@pytest.fixture
def cut(stream):
    """Publish entries and be cut before the mark."""

    async def publish(*pairs):
        assert await together.publish_in_a_row(stream.bus.client, [entry for entry, _ in pairs])

    return publish


def mark(position, run=RUN):
    return Mark(run=run, position=position, hash=bytes([position]) * 32)


async def test_nothing_was_taken_for_who_is_new(stream, pair):
    await stream.publish([pair(1, consumer=ANOTHER)])
    assert await stream.taken(TENANT, CONSUMER) is None


async def test_an_entry_whose_mark_is_missing_was_taken(stream, pair, cut):
    await cut(pair(1), pair(2))
    assert await stream.taken(TENANT, CONSUMER) == mark(2)


async def test_an_entry_is_newer_than_the_mark_of_those_before(stream, pair, cut):
    await stream.publish([pair(1), pair(2)])
    await cut(pair(3), pair(4))
    assert await stream.taken(TENANT, CONSUMER) == mark(4)


@pytest.mark.parametrize("count", [1, 4, 5, 12])
async def test_the_mark_stays_when_all_entries_are_acknowledged(stream, pair, count):
    await stream.begin(TENANT, CONSUMER)
    await stream.publish([pair(position) for position in range(1, count + 1)])
    jetstream = stream.bus.client.jetstream(timeout=5)
    reader = await jetstream.pull_subscribe_bind(CONSUMER, stream="AUDIT")
    for message in await reader.fetch(count, timeout=5):
        await message.ack_sync()
    assert await stream.first(TENANT, CONSUMER) is None
    assert await stream.taken(TENANT, CONSUMER) == mark(count)


async def test_a_mark_of_a_later_run_counts_more_than_an_entry_further_on(stream, pair, cut):
    await cut(pair(9, run=RUN - 1))
    await stream.publish([pair(2)])
    assert await stream.taken(TENANT, CONSUMER) == mark(2)


async def test_an_entry_of_a_later_run_counts_more_than_a_mark_further_on(stream, pair, cut):
    await stream.publish([pair(9, run=RUN - 1)])
    await cut(pair(1))
    assert await stream.taken(TENANT, CONSUMER) == mark(1)


async def test_who_begins_again_has_nothing_of_before(stream, pair, cut):
    await stream.publish([pair(1)])
    await cut(pair(2))
    await stream.begin(TENANT, CONSUMER)
    assert await stream.taken(TENANT, CONSUMER) is None
