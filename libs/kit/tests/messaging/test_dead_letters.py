"""What was put aside is seen, applied again once, and forgotten only when it has taken effect."""

import asyncio

import msgspec
import pytest

from latchkey_kit.messaging import dead_letters
from latchkey_kit.messaging.dead_letters import DeadLetters, NoSuchLetterError
from latchkey_kit.messaging.effects import once
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.telemetry import facts, metrics
from latchkey_kit.testing import eventually

TENANT = "0" * 32
SUBJECT = "lk.v1._.client.x.updated"


@pytest.fixture
async def effects(database):
    """What took effect, and the failures to come."""

    class Effects:
        failures = ()

        async def apply(self, connection, event):
            await connection.execute("INSERT INTO effect (event_id, request) VALUES ($1, $2)", event.id, _request())
            if self.failures:
                raise self.failures.pop(0)

        async def seen(self):
            async with database.connection() as connection:
                return [tuple(row) for row in await connection.fetch("SELECT event_id, request FROM effect")]

    async with database.connection() as connection:
        await connection.execute("CREATE TABLE effect (event_id uuid NOT NULL, request text)")
    return Effects()


def _request():
    return facts.current().request_id


@pytest.fixture
def letters(database, effects):
    async def settle(connection, delivery):
        await once(connection, "token", delivery.event, effects.apply)

    return DeadLetters(database, "token", settle)


@pytest.fixture
def row(outbox, make_event):
    token = facts.enter(facts.RequestFacts(request_id="request-1"))
    made = outbox.row(make_event(), tenant=TENANT)
    facts.leave(token)
    return made


@pytest.fixture
def put_aside(database):
    async def put(body, durable="token", subject=SUBJECT):
        async with database.connection() as connection:
            return await connection.fetchval(
                "INSERT INTO dead_letter (durable, message, subject, body, reason)"
                " VALUES ($1, md5(random()::text), $2, $3, 'before') RETURNING id",
                durable,
                subject,
                body,
            )

    return put


@pytest.fixture
def put_row_aside(put_aside, row):
    return lambda **more: put_aside(row.body, **{"subject": row.subject} | more)


async def test_it_takes_effect_and_is_forgotten(letters, effects, row, put_row_aside):
    number = await put_row_aside()
    assert await letters.retry(number) is None
    assert await effects.seen() == [(row.id, "request-1")]
    assert await letters.page(0) == []
    with pytest.raises(NoSuchLetterError):
        await letters.retry(number)


async def test_what_has_taken_effect_meanwhile_does_not_again(letters, effects, put_row_aside):
    for _ in range(2):
        assert await letters.retry(await put_row_aside()) is None
    assert len(await effects.seen()) == 1


async def test_of_several_who_retry_it_one_has_it_applied(letters, effects, put_row_aside):
    number = await put_row_aside()
    results = await asyncio.gather(*(letters.retry(number) for _ in range(4)), return_exceptions=True)
    assert results.count(None) == 1
    assert len(await effects.seen()) == 1


@pytest.mark.parametrize("failure", [KeyError("never"), msgspec.ValidationError("no \0"), PeerUnavailable("down")])
async def test_what_fails_again_stays_with_the_new_reason_and_without_effect(letters, effects, put_row_aside, failure):
    number = await put_row_aside()
    effects.failures = [failure]
    assert (await letters.retry(number)).startswith(type(failure).__name__)
    (letter,) = await letters.page(0)
    assert (letter["id"], letter["reason"]) == (number, f"{type(failure).__name__}: {failure}".replace("\0", ""))
    assert await effects.seen() == []
    assert await letters.retry(number) is None


async def test_what_does_not_belong_on_its_subject_stays(letters, effects, row, put_row_aside):
    number = await put_row_aside(subject=row.subject.replace("client", "record"))
    assert (await letters.retry(number)).startswith("MisfitError: it says that it is client.updated")
    assert await effects.seen() == []
    assert [letter["id"] for letter in await letters.page(0)] == [number]


async def test_what_is_no_event_stays(letters, put_aside):
    number = await put_aside(b"\xff")
    assert "DecodeError" in await letters.retry(number)


async def test_those_of_another_consumer_are_not_its_own(letters, put_row_aside):
    number = await put_row_aside(durable="audit")
    assert await letters.page(0) == []
    with pytest.raises(NoSuchLetterError):
        await letters.retry(number)


async def test_a_page_holds_the_oldest_and_the_next_goes_on(letters, put_aside, monkeypatch):
    monkeypatch.setattr(dead_letters, "PAGE", 2)
    numbers = [await put_aside(b"") for _ in range(3)]
    first = await letters.page(0)
    assert [letter["id"] for letter in first] == numbers[:2]
    assert [letter["id"] for letter in await letters.page(first[-1]["id"])] == numbers[2:]


async def test_how_many_there_are_is_shown(letters, put_row_aside, monkeypatch):
    monkeypatch.setattr(dead_letters, "_LOOK_SECONDS", 0.01)
    number = await put_row_aside()
    counting = asyncio.create_task(letters.count_for_ever())
    try:
        await eventually(lambda: _parked() == 1)
        assert await letters.retry(number) is None
        assert _parked() == 0
    finally:
        counting.cancel()


def _parked():
    return metrics.registry.get_sample_value("latchkey_inbox_parked", {"durable": "token"})
