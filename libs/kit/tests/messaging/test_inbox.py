"""Every event takes effect once, and one that cannot does not stop the others."""

import contextlib

import asyncpg
import msgspec
import pytest
from conditions import equal
from nats.js.api import ConsumerConfig
from nats.js.errors import BadRequestError
from structlog.testing import capture_logs

from latchkey_contracts.events import CloudEvent
from latchkey_kit import db
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.messaging.settling import TRIES
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.telemetry import facts, metrics, trace
from latchkey_kit.testing import eventually

TENANT = "0" * 32


class Effects:
    """Writes one row for each event that took effect; fails when told to."""

    def __init__(self, database):
        self.database = database
        self.tries = []
        self.failures = {}

    async def apply(self, connection, event):
        self.tries.append(event.subject)
        await connection.execute("INSERT INTO effect (subject) VALUES ($1)", event.subject)
        failures = self.failures.get(event.subject, [])
        if failures:
            raise failures.pop(0)

    async def seen(self):
        async with self.database.connection() as connection:
            return [row["subject"] for row in await connection.fetch("SELECT subject FROM effect ORDER BY at")]

    async def parked(self):
        async with self.database.connection() as connection:
            return await connection.fetch("SELECT durable, message, subject, body, reason FROM dead_letter")


@pytest.fixture
async def effects(database):
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE effect (at bigint GENERATED ALWAYS AS IDENTITY, subject text NOT NULL)")
    return Effects(database)


@pytest.fixture
def consume(database, bus, effects):
    return lambda: consuming(database, bus, durable="token", subjects=("lk.v1.*.client.>",), apply=effects.apply)


@pytest.fixture
def send(bus, outbox, make_event):
    async def send(body=None, message_id=None):
        row = outbox.row(make_event(), tenant=TENANT)
        headers = {"Nats-Msg-Id": message_id or row.id}
        await bus.jetstream.publish(row.subject, row.body if body is None else body, headers=headers)
        return row.subject.split(".")[4]

    return send


async def test_events_take_effect_in_order(consume, send, effects):
    before = [await send() for _ in range(3)]
    async with consume():
        await eventually(lambda: equal(effects.seen, before))
        later = await send()
        await eventually(lambda: equal(effects.seen, [*before, later]))


async def test_what_the_outbox_wrote_takes_effect(database, bus, consume, outbox, make_event, effects):
    event = make_event()
    async with relaying(database, bus), consume():
        async with database.transaction() as connection:
            await outbox.add(connection, event, tenant=TENANT)
        await eventually(lambda: equal(effects.seen, [event.client]))


async def test_an_event_sent_twice_takes_effect_once(bus, consume, outbox, make_event, send, effects):
    row = outbox.row(make_event(), tenant=TENANT)
    async with consume():
        for message_id in ("first", "second"):  # the stream's own de-duplication does not see it
            await bus.jetstream.publish(row.subject, row.body, headers={"Nats-Msg-Id": message_id})
        last = await send()
        await eventually(lambda: equal(effects.seen, [row.subject.split(".")[4], last]))
        await eventually(lambda: _all_acknowledged(bus))


async def test_what_an_event_causes_belongs_to_its_request_and_trace(database, bus, outbox, make_event):
    span = trace.Span("a" * 32, "b" * 16, 1)
    token = facts.enter(facts.RequestFacts(request_id="request-1", span=span))
    row = outbox.row(make_event(), tenant=TENANT)
    facts.leave(token)
    heard = []

    async def apply(_connection, _event):
        heard.append(facts.current())

    async with consuming(database, bus, durable="token", subjects=("lk.v1.*.client.>",), apply=apply):
        await bus.jetstream.publish(row.subject, row.body)
        await eventually(lambda: heard)
    (about,) = heard
    assert (about.request_id, about.span.trace_id) == ("request-1", "a" * 32)
    assert facts.current() == facts.RequestFacts()


async def test_what_became_of_events_is_counted(bus, consume, send, outbox, make_event, effects):
    before = {outcome: _counted(outcome) for outcome in ("applied", "repeated", "later", "parked")}
    row = outbox.row(make_event(), tenant=TENANT)
    poison = await send()
    effects.failures[poison] = [KeyError("not yet"), msgspec.ValidationError("never")]
    async with consume():
        for message_id in ("first", "second"):
            await bus.jetstream.publish(row.subject, row.body, headers={"Nats-Msg-Id": message_id})
        await eventually(effects.parked)
        await eventually(lambda: _all_acknowledged(bus))
    assert {outcome: _counted(outcome) - value for outcome, value in before.items()} == dict.fromkeys(before, 1)


async def test_how_far_it_is_behind_is_shown(consume, send, effects):
    sent, behind = [await send() for _ in range(5)], []
    applied = effects.apply

    async def apply(connection, event):
        behind.append(metrics.registry.get_sample_value("latchkey_inbox_waiting", {"durable": "token"}))
        await applied(connection, event)

    effects.apply = apply
    async with consume():
        await eventually(lambda: equal(effects.seen, sent))
    assert behind == [4, 3, 2, 1, 0]


def _counted(outcome):
    labels = {"durable": "token", "outcome": outcome}
    return metrics.registry.get_sample_value("latchkey_inbox_events_total", labels) or 0


async def test_a_filter_that_differs_is_told_and_read_nevertheless(bus, consume, send, effects):
    config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.>", ack_wait=2)
    await bus.jetstream.add_consumer("LATCHKEY", config)
    client = await send()
    with capture_logs() as lines:
        async with consume():
            await eventually(lambda: equal(effects.seen, [client]))
    assert [line["has"] for line in lines if line["event"] == "consumer_differs"] == [["lk.v1.>"]]


async def test_a_failure_rolls_back_and_is_tried_again(consume, send, effects, bus):
    client = await send()
    effects.failures[client] = [KeyError("not yet"), KeyError("nor now")]
    async with consume():
        await eventually(lambda: equal(effects.seen, [client]))
        await eventually(lambda: _all_acknowledged(bus))
    assert effects.tries == [client] * 3
    assert await effects.parked() == []


async def test_what_fails_for_ever_is_parked_and_others_go_on(consume, send, effects, bus):
    poison = await send()
    effects.failures[poison] = [KeyError("never")] * 100
    good = await send()
    async with consume():
        await eventually(lambda: equal(effects.seen, [good]))
        await eventually(effects.parked)
        await eventually(lambda: _all_acknowledged(bus))
    assert effects.tries.count(poison) == TRIES
    (letter,) = await effects.parked()
    assert letter["subject"].split(".")[4] == poison
    assert letter["reason"] == "KeyError: 'never'"
    assert msgspec.json.decode(letter["body"], type=CloudEvent).subject == poison


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[]", b'{"id":"no"}', b"[" * 200_000], ids=["empty", "bytes", "list", "id", "deep"]
)
async def test_what_cannot_be_read_is_parked_at_once(consume, send, effects, bus, body):
    await send(body, message_id="unreadable")
    good = await send()
    async with consume():
        await eventually(lambda: equal(effects.seen, [good]))
        await eventually(lambda: _all_acknowledged(bus))
    (letter,) = await effects.parked()
    assert (letter["durable"], letter["message"], letter["body"]) == ("token", "unreadable", body)


async def test_an_event_that_apply_does_not_understand_is_parked_at_once(consume, send, effects):
    client = await send()
    effects.failures[client] = [msgspec.ValidationError("Object missing required field `client`")]
    async with consume():
        await eventually(effects.parked)
    assert effects.tries == [client]


async def test_who_wants_to_is_told_of_what_has_taken_effect_before(database, bus, outbox, make_event, effects):
    row, repeats = outbox.row(make_event(), tenant=TENANT), []

    async def repeated(connection, event):
        repeats.append(event.sequence)

    async with _consuming(database, bus, effects, repeated=repeated):
        for number in (7, 8):
            body = row.body[:-1] + b',"sequence":%d}' % number
            await bus.jetstream.publish(row.subject, body, headers={"Nats-Msg-Id": str(number)})
        await eventually(lambda: repeats == [8])
    assert len(await effects.seen()) == 1


async def test_who_must_know_is_asked_in_the_transaction_that_parks(database, bus, effects, send):
    poison, unreadable, good = await send(), await send(b"{}"), await send()
    effects.failures[poison] = [msgspec.ValidationError("never")]

    async def ask(connection, subject):
        await connection.execute("INSERT INTO effect (subject) VALUES ($1)", f"asked about {subject.split('.')[4]}")

    async with _consuming(database, bus, effects, unreadable=ask):
        await eventually(lambda: equal(effects.seen, [f"asked about {poison}", f"asked about {unreadable}", good]))
        await eventually(lambda: _all_acknowledged(bus))
    assert len(await effects.parked()) == 2


async def test_what_must_be_known_is_not_parked_before_it_is(database, bus, effects, send):
    poison = await send(b"{}")
    good = await send()
    failures = [PeerUnavailable("down"), KeyError("a bug"), asyncpg.LockNotAvailableError("busy")]

    async def ask(connection, subject):
        await connection.execute("INSERT INTO effect (subject) VALUES ($1)", f"asked about {subject.split('.')[4]}")
        if failures:
            raise failures.pop(0)

    with capture_logs() as lines:
        async with _consuming(database, bus, effects, unreadable=ask):
            await eventually(lambda: equal(effects.seen, [good]))
            await eventually(lambda: equal(effects.seen, [good, f"asked about {poison}"]), 30)
            await eventually(lambda: _all_acknowledged(bus))
    assert len(await effects.parked()) == 1
    assert len([line for line in lines if line["event"] == "event_not_parked"]) == 1
    assert len([line for line in lines if line["event"] == "event_parked"]) == 1


async def test_a_consumer_that_is_new_is_told_and_one_that_is_known_is_not(database, bus, effects, send):
    told = []

    async def note():
        told.append(len(await effects.seen()))

    sent = []
    for _ in range(2):
        sent.append(await send())
        async with _consuming(database, bus, effects, on_new_stream=note):
            await eventually(lambda: equal(effects.seen, sent))
    assert told == [0], "the first, before its first event, and not again"
    await bus.jetstream.delete_consumer("LATCHKEY", "token")
    await _deploy(bus)
    sent.append(await send())
    async with _consuming(database, bus, effects, on_new_stream=note):
        await eventually(lambda: equal(effects.seen, sent))
        assert told == [0, 2]
        await bus.jetstream.delete_stream("LATCHKEY")
        await _deploy(bus)
        await eventually(lambda: told == [0, 2, 3])


async def test_until_it_is_told_that_a_consumer_is_new_nothing_is_read(database, bus, effects, send):
    client = await send()
    failures = [PeerUnavailable("down"), KeyError("a bug")]

    async def note():
        assert await effects.seen() == []
        if failures:
            raise failures.pop(0)

    async with _consuming(database, bus, effects, on_new_stream=note):
        await eventually(lambda: equal(effects.seen, [client]))
    assert failures == []


def _consuming(database, bus, effects, **options):
    return consuming(
        database, bus, durable="token", subjects=("lk.v1.*.client.>",), apply=effects.apply, **options
    )  # fmt: skip


async def test_a_peer_that_is_away_parks_nothing(consume, send, effects):
    client = await send()
    effects.failures[client] = [PeerUnavailable("down")]
    async with consume():
        await eventually(lambda: equal(effects.seen, [client]))
    assert await effects.parked() == []


async def test_a_database_that_is_away_parks_nothing(make_database, send, bus):
    url = make_database()
    async with db.connect(url, pool=1) as database, db.connect(url) as other:
        async with other.connection() as connection:
            await connection.execute("CREATE TABLE effect (at bigint GENERATED ALWAYS AS IDENTITY, subject text)")
        effects = Effects(database)

        async def lose_the_connection(connection, event):
            await effects.apply(connection, event)
            if len(effects.tries) < 3:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        client = await send()
        async with consuming(database, bus, durable="token", subjects=("lk.v1.*.client.>",), apply=lose_the_connection):
            await eventually(lambda: equal(effects.seen, [client]))
        assert effects.tries == [client] * 3
        assert await effects.parked() == []


async def test_a_stream_that_was_wiped_is_heard_again(consume, send, effects, bus):
    before = await send()
    async with consume():
        await eventually(lambda: equal(effects.seen, [before]))
        await bus.jetstream.delete_stream("LATCHKEY")
        await _deploy(bus)
        after = await send()
        await eventually(lambda: equal(effects.seen, [before, after]))


async def test_a_consumer_that_was_deleted_is_made_again(consume, send, effects, bus):
    before = await send()
    async with consume():
        await eventually(lambda: equal(effects.seen, [before]))
        await bus.jetstream.delete_consumer("LATCHKEY", "token")
        await _deploy(bus)
        after = await send()
        await eventually(lambda: equal(effects.seen, [before, after]))


async def test_a_stream_that_comes_late_is_waited_for(consume, send, effects, bus):
    await bus.jetstream.delete_stream("LATCHKEY")
    async with consume():
        await _deploy(bus)
        client = await send()
        await eventually(lambda: equal(effects.seen, [client]))


async def _deploy(bus):
    """Make stream and consumer, as only the deployment may."""
    with contextlib.suppress(BadRequestError):  # the stream is there
        await bus.jetstream.add_stream(name="LATCHKEY", subjects=["lk.v1.>"])
    config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.*.client.>", ack_wait=2)
    await bus.jetstream.add_consumer("LATCHKEY", config)


async def _all_acknowledged(bus):
    info = await bus.jetstream.consumer_info("LATCHKEY", "token")
    return info.num_ack_pending == 0 and info.num_pending == 0
