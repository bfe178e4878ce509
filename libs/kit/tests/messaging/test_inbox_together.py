"""What came together takes effect in one transaction, and one that cannot is parked alone."""

import asyncio

import asyncpg
import msgspec
import pytest
from conditions import equal
from structlog.testing import capture_logs

from latchkey_kit.messaging.inbox_together import BATCH, consuming_together
from latchkey_kit.messaging.settling import TRIES
from latchkey_kit.testing import eventually

TENANT = "0" * 32


def as_it_came(delivery):
    return delivery


class Effects:
    """Writes one row for each event; fails for those that it is told to."""

    def __init__(self, database):
        self.database = database
        self.calls = []
        self.failures = {}

    async def apply_all(self, connection, deliveries):
        subjects = [one.event.subject for one in deliveries]
        self.calls.append(subjects)
        await connection.executemany("INSERT INTO effect (subject, body) VALUES ($1, $2)", [
            (one.event.subject, one.body) for one in deliveries
        ])  # fmt: skip
        for subject in subjects:
            if self.failures.get(subject):
                raise self.failures[subject].pop(0)

    async def seen(self):
        async with self.database.connection() as connection:
            return [row["subject"] for row in await connection.fetch("SELECT subject FROM effect ORDER BY at")]

    async def parked(self):
        async with self.database.connection() as connection:
            return await connection.fetch("SELECT id, subject, source, epoch, number FROM dead_letter ORDER BY id")


@pytest.fixture
async def effects(database):
    async with database.connection() as connection:
        await connection.execute(
            "CREATE TABLE effect (at bigint GENERATED ALWAYS AS IDENTITY, subject text NOT NULL, body bytea NOT NULL)"
        )
    return Effects(database)


@pytest.fixture
def consume(database, bus, effects):
    return lambda: consuming_together(
        database, bus, durable="token", subjects=("lk.v1.*.client.>",), prepare=as_it_came, apply_all=effects.apply_all
    )


@pytest.fixture
def send(bus, outbox, make_event):
    async def send(body=None):
        row = outbox.row(make_event(), tenant=TENANT)
        await bus.jetstream.publish(row.subject, row.body if body is None else body)
        return row.subject.split(".")[4]

    return send


async def test_what_waits_takes_effect_together_and_in_order(bus, consume, send, effects):
    sent = [await send() for _ in range(700)]
    async with consume():
        await eventually(lambda: equal(effects.seen, sent))
        await eventually(lambda: _all_acknowledged(bus))
        later = await send()
        await eventually(lambda: equal(effects.seen, [*sent, later]))
    assert max(map(len, effects.calls)) > 100
    assert max(map(len, effects.calls)) <= BATCH
    assert effects.calls[-1] == [later], "a lone one waits for no other"


async def test_the_next_are_read_while_the_database_is_waited_for(database, bus, send, effects):
    read, taken, gate = [], [], asyncio.Event()

    def prepare(delivery):
        read.append(delivery.event.subject)
        return delivery

    async def apply_all(connection, deliveries):
        taken.append(len(deliveries))
        await gate.wait()
        await effects.apply_all(connection, deliveries)

    sent = [await send() for _ in range(3 * BATCH)]  # before: a transaction is not open for longer than five seconds
    about = {"durable": "token", "subjects": ("lk.v1.*.client.>",), "prepare": prepare, "apply_all": apply_all}
    async with consuming_together(database, bus, **about):
        await eventually(lambda: taken and len(read) > taken[0])
        assert await effects.seen() == []
        assert len(read) <= 2 * BATCH, "no more are held than two batches"
        gate.set()
        await eventually(lambda: equal(effects.seen, sent))
        await eventually(lambda: _all_acknowledged(bus))


async def test_the_bytes_are_those_that_came(database, consume, outbox, make_event, bus, effects):
    row = outbox.row(make_event(), tenant=TENANT)
    body = b' { "future": [1.0, 2e3],' + row.body[1:]
    await bus.jetstream.publish(row.subject, body)
    async with consume():
        await eventually(effects.seen)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT body FROM effect") == body


async def test_one_that_cannot_take_effect_is_parked_alone(bus, consume, send, effects):
    sent = [await send() for _ in range(50)]
    stubborn, hopeless = sent[20], sent[21]
    effects.failures = {stubborn: [KeyError("never")] * 1000, hopeless: [msgspec.ValidationError("no")] * 1000}
    async with consume():
        await eventually(lambda: equal(effects.seen, [one for one in sent if one not in (stubborn, hopeless)]))
        await eventually(lambda: _all_acknowledged(bus))
    assert {row["subject"].split(".")[4] for row in await effects.parked()} == {stubborn, hopeless}
    assert effects.calls.count([stubborn]) == TRIES
    assert effects.calls.count([hopeless]) == 1


async def test_what_cannot_be_read_is_parked_with_the_number_it_says_it_has(bus, consume, send, effects):
    whole = b'{"id":"no id","source":"client-registry","epoch":"%s","sequence":7}' % (b"1" * 32)
    for body in (
        whole,
        whole.replace(b"client-registry", b"auth"),
        b"[",
        b'{"sequence":"x"}',
        whole.replace(b"7", b"-7"),
        b"[" * 100_000,
    ):
        await send(body)
    good = await send()
    async with consume():
        await eventually(lambda: equal(effects.seen, [good]))
        await eventually(lambda: _all_acknowledged(bus))
    known = [(row["source"], row["epoch"], row["number"]) for row in await effects.parked()]
    assert known == [("client-registry", "1" * 32, 7), *[(None, None, None)] * 5]


async def test_what_will_pass_parks_nothing(bus, consume, send, effects):
    sent = [await send() for _ in range(20)]
    effects.failures[sent[3]] = [asyncpg.DeadlockDetectedError("busy"), asyncpg.LockNotAvailableError("busy")]
    async with consume():
        await eventually(lambda: equal(lambda: _sorted(effects.seen), sorted(sent)))
        await eventually(lambda: _all_acknowledged(bus))
    assert await effects.parked() == []


async def test_a_dead_letter_is_tried_again_by_itself(consume, send, effects):
    client = await send()
    effects.failures[client] = [msgspec.ValidationError("not before the next release")]
    async with consume() as letters:
        await eventually(effects.parked)
        (letter,) = await effects.parked()
        assert await letters.retry(letter["id"]) is None
    assert await effects.seen() == [client]
    assert await effects.parked() == []


async def test_large_ones_are_not_taken_all_at_once(consume, send, effects, outbox, make_event, bus):
    row = outbox.row(make_event(), tenant=TENANT)
    for _ in range(40):
        await bus.jetstream.publish(row.subject, b'{"more":"' + b"x" * 250_000 + b'",' + row.body[1:])
    with capture_logs() as lines:
        async with consume():
            await eventually(lambda: _count(effects, 40))
    assert max(map(len, effects.calls)) <= 4 * 1024 * 1024 // 250_000 + 1
    assert not [line for line in lines if line["log_level"] == "error"]


async def _count(effects, count):
    return len(await effects.seen()) == count


async def _sorted(read):
    return sorted(await read())


async def _all_acknowledged(bus):
    info = await bus.jetstream.consumer_info("LATCHKEY", "token")
    return info.num_ack_pending == 0 and info.num_pending == 0
