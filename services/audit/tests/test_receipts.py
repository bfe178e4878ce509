"""Audit tells each source how far it has everything, and its own log of what is missing."""

import msgspec
import pytest
from structlog.testing import capture_logs

from latchkey_audit import receipts
from latchkey_audit.receipts import PATIENCE_SECONDS, Gaps
from latchkey_audit.store import contiguity, events
from latchkey_audit.store.contiguity import Reach
from latchkey_contracts.receipts import Receipt, receipt_subject
from latchkey_kit import db
from latchkey_kit.messaging import bus
from latchkey_kit.testing import ManualClock, eventually

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
def arrive(database, numbered):
    async def add(*numbers, **about):
        async with database.transaction() as connection:
            for number in numbers:
                await events.add(connection, numbered(number, **about))

    return add


@pytest.fixture
def reached(database):
    """How far each source's events are known to be all here, and the next number behind a gap."""

    async def read():
        async with database.connection() as connection:
            found = [await contiguity.advance(connection, one) for one in await contiguity.reaches(connection)]
        return {(one.source, one.epoch): (one.through, one.then) for one in found}

    return read


async def test_it_goes_to_the_first_gap_and_on_when_that_is_filled(arrive, reached):
    assert await reached() == {}
    await arrive(2, 3)
    assert await reached() == {("auth", EPOCH): (0, 2)}
    await arrive(1)
    assert await reached() == {("auth", EPOCH): (3, None)}
    await arrive(4, 6, 7, 9)
    assert await reached() == {("auth", EPOCH): (4, 6)}
    await arrive(5)
    assert await reached() == {("auth", EPOCH): (7, 9)}


async def test_every_source_and_epoch_counts_for_itself(arrive, reached, database, make_event):
    await arrive(1, 2)
    await arrive(1, 3, source="token")
    await arrive(1, source="auth", epoch=LATER)
    async with database.transaction() as connection:
        await events.add(connection, make_event())  # of no epoch: from before there were numbers
    assert await reached() == {("auth", EPOCH): (2, None), ("auth", LATER): (1, None), ("token", EPOCH): (1, 3)}


async def test_many_are_looked_at_a_stretch_at_a_time(arrive, reached, monkeypatch):
    monkeypatch.setattr(contiguity, "STRETCH", 3)
    await arrive(*range(1, 11), 12, 13)
    assert await reached() == {("auth", EPOCH): (10, 12)}
    await arrive(11)
    assert await reached() == {("auth", EPOCH): (13, None)}


async def test_what_was_known_is_remembered(arrive, reached, database):
    await arrive(1, 2, 3)
    await reached()
    async with database.connection() as connection:
        assert [one.through for one in await contiguity.reaches(connection)] == [3]


async def test_events_that_come_again_under_other_numbers_count_under_both(database, reached, numbered):
    """A source that was restored gives all its numbers anew, in an epoch of its own."""
    known = [numbered(number) for number in (1, 2, 3)]
    again = [msgspec.structs.replace(event, epoch=LATER, sequence=event.sequence - 1) for event in known[1:]]
    for event in (*known, *known, *again, *again):
        async with database.transaction() as connection:
            await events.add(connection, event)
    assert await reached() == {("auth", EPOCH): (3, None), ("auth", LATER): (2, None)}
    async with database.transaction() as connection:
        await events.add(connection, numbered(3, epoch=LATER))
        assert await connection.fetchval("SELECT count(*) FROM event") == 4
    assert await reached() == {("auth", EPOCH): (3, None), ("auth", LATER): (3, None)}


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


def _receipt(through, epoch=EPOCH):
    return msgspec.json.encode(Receipt(consumer="audit", source="auth", epoch=epoch, through=through))


def test_a_gap_is_told_once_when_it_stays():
    clock = ManualClock()
    gaps = Gaps(clock)
    with capture_logs() as lines:
        for through, then, after in (
            (3, 6, 0), (3, 6, PATIENCE_SECONDS - 1), (4, 6, 2), (4, 6, PATIENCE_SECONDS - 1), (8, None, 2),
            (8, 10, PATIENCE_SECONDS), (8, 10, PATIENCE_SECONDS), (8, 11, PATIENCE_SECONDS),
        ):  # fmt: skip
            clock.advance(after)
            gaps.see(Reach(source="auth", epoch=EPOCH, through=through, then=then))
    assert [(line["event"], line["source"], line["first"], line["last"]) for line in lines] == [
        ("events_missing", "auth", 9, 9)
    ]
