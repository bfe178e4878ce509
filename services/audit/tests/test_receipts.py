"""Audit tells each source how far it has everything, and its own log of what is missing."""

import msgspec
import pytest
from structlog.testing import capture_logs

from latchkey_audit import receipts
from latchkey_audit.store import arrivals, log
from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_kit import db
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.testing import eventually

EPOCH, LATER = "1" * 32, "2" * 32


@pytest.fixture
def numbered(make_event):
    def make(number, *, source="auth", epoch=EPOCH):
        return msgspec.structs.replace(make_event(), source=source, epoch=epoch, sequence=number)

    return make


@pytest.fixture
async def database(make_database):
    async with db.connect(make_database("latchkey_audit")) as database:
        yield database


@pytest.fixture
def keep(database):
    async def add(*events):
        async with database.transaction() as connection:
            await log.add(connection, [log.coming(Delivery(one, msgspec.json.encode(one))) for one in events], kept=12)

    return add


@pytest.fixture
def arrive(keep, numbered):
    async def add(*numbers, **about):
        await keep(*(numbered(number, **about) for number in numbers))

    return add


@pytest.fixture
def reached(database):
    """How far each source's events are known to be all here, and the holes behind that."""

    async def read():
        async with database.connection() as connection:
            found = await arrivals.reaches(connection, "audit")
        return {(one.source, one.epoch): (one.through, *one.holes) for one in found}

    return read


async def test_it_goes_to_the_first_gap_and_on_when_that_is_filled(arrive, reached):
    assert await reached() == {}
    await arrive(2, 3)
    assert await reached() == {("auth", EPOCH): (0, (1, 1))}
    await arrive(1)
    assert await reached() == {("auth", EPOCH): (3,)}
    await arrive(4, 6, 7, 9)
    assert await reached() == {("auth", EPOCH): (4, (5, 5), (8, 8))}
    await arrive(5)
    assert await reached() == {("auth", EPOCH): (7, (8, 8))}


async def test_every_source_and_epoch_counts_for_itself(arrive, reached, keep, make_event):
    await arrive(1, 2)
    await arrive(1, 3, source="token")
    await arrive(1, source="auth", epoch=LATER)
    await keep(make_event())  # of no epoch: from before there were numbers
    assert await reached() == {("auth", EPOCH): (2,), ("auth", LATER): (1,), ("token", EPOCH): (1, (2, 2))}


async def test_of_many_holes_the_first_are_told_and_all_are_counted(arrive, database):
    await arrive(*range(2, 203, 2))
    async with database.connection() as connection:
        (reach,) = await arrivals.reaches(connection, "audit")
    assert (reach.through, reach.missing) == (0, 101)
    assert reach.holes == tuple((number, number) for number in range(1, 100, 2))


async def test_what_lies_in_the_dead_letters_is_no_hole(arrive, reached, database):
    await arrive(1, 5)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO dead_letter (durable, message, subject, body, reason, source, epoch, number)"
            " SELECT durable, number::text, 's', '', 'r', 'auth', $1, number"
            " FROM (VALUES ('audit', 3), ('other', 4)) AS letter (durable, number)",
            EPOCH,
        )
    assert await reached() == {("auth", EPOCH): (1, (2, 2), (4, 4))}


async def test_events_that_come_again_under_other_numbers_count_under_both(database, keep, reached, numbered):
    """A source that was restored gives all its numbers anew, in an epoch of its own."""
    known = [numbered(number) for number in (1, 2, 3)]
    again = [msgspec.structs.replace(event, epoch=LATER, sequence=event.sequence - 1) for event in known[1:]]
    for event in (*known, *known, *again, *again):
        await keep(event)
    assert await reached() == {("auth", EPOCH): (3,), ("auth", LATER): (2,)}
    await keep(numbered(3, epoch=LATER))
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM event") == 4
    assert await reached() == {("auth", EPOCH): (3,), ("auth", LATER): (3,)}


async def test_the_sources_are_told(audit, publish, numbered, nats, monkeypatch):
    monkeypatch.setattr(receipts, "_EVERY_SECONDS", 0.05)
    heard = set()
    async with bus.connecting(nats, "", "", "auth") as ours:
        await ours.up.wait()
        await ours.subscribe(receipt_subject("audit", "auth"), heard.add)
        await publish(numbered(1), numbered(2), numbered(4))
        await eventually(lambda: _receipt(2) in heard)
        assert _receipt(4) not in heard
        third = numbered(3)
        await publish(third)
        await eventually(lambda: _receipt(4) in heard)
        await publish(msgspec.structs.replace(third, epoch=LATER, sequence=1))
        await eventually(lambda: _receipt(1, LATER) in heard)


async def test_a_database_that_is_slow_is_told_once(audit, monkeypatch):
    failed = []

    async def slow(*_about):
        failed.append(True)
        raise TimeoutError

    with capture_logs() as lines:
        monkeypatch.setattr(arrivals, "reaches", slow)
        monkeypatch.setattr(receipts, "_EVERY_SECONDS", 0.01)
        await eventually(lambda: len(failed) > 5, 30)
    told = [line for line in lines if line["event"] == "receipts_wait"]
    assert [line["reason"] for line in told] == ["TimeoutError"]


def _receipt(through, epoch=EPOCH):
    return msgspec.json.encode(Receipt(consumer="audit", source="auth", epoch=epoch, through=through))
