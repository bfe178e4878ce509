"""What comes in floods is told at once, and then counted."""

import msgspec
import pytest

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.token import TokenAuthenticationFailed
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_kit.telemetry import facts

TENANT, ONE, OTHER = "a" * 32, "b" * 32, "c" * 32


class HandClock:
    def __init__(self):
        self.seconds = 1000.0

    def boot(self):
        return self.seconds


@pytest.fixture
def clock():
    return HandClock()


def failing(client=ONE, reason="wrong_secret"):
    def event(times):
        return TokenAuthenticationFailed(client=client, reason=reason, times=times)

    return Telling(event=event, tenant=TENANT)


async def told(database):
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at, id")
    envelopes = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
    return [(one.address, msgspec.json.decode(one.data, type=TokenAuthenticationFailed)) for one in envelopes]


async def test_flood_is_two_events_and_they_say_how_many(database, outbox, clock):
    sparing = Sparing(database, outbox, clock)
    for number in range(500):
        with facts.about(facts.RequestFacts(address=f"192.0.2.{number % 200}")):
            await sparing.tell(ONE, failing())
    await sparing.tell_counted()
    first = ("192.0.2.0", TokenAuthenticationFailed(client=ONE, reason="wrong_secret", times=1))
    assert await told(database) == [first]
    clock.seconds += 60
    await sparing.tell_counted()
    await sparing.tell_counted()
    rest = ("192.0.2.99", TokenAuthenticationFailed(client=ONE, reason="wrong_secret", times=499))
    assert await told(database) == [first, rest]


async def test_each_key_is_counted_by_itself_and_anew_after_a_quiet_minute(database, outbox, clock):
    sparing = Sparing(database, outbox, clock)
    for client in (ONE, OTHER, ONE):
        await sparing.tell(client, failing(client))
    clock.seconds += 61
    await sparing.tell(ONE, failing())
    clock.seconds += 61
    await sparing.tell_counted()
    await sparing.tell_counted()
    await sparing.tell(ONE, failing())
    assert [(one.client, one.times) for _, one in await told(database)] == [(ONE, 1), (OTHER, 1), (ONE, 2), (ONE, 1)]


async def test_memory_is_bounded_and_nothing_counted_is_lost(database, outbox, clock):
    sparing = Sparing(database, outbox, clock, most=10)
    for number in range(40):
        client = f"{number % 20:032x}"
        await sparing.tell(client, failing(client))
        await sparing.tell(client, failing(client))
    await sparing.finish()
    assert sum(one.times for _, one in await told(database)) == 80


async def test_database_that_is_away_hides_nothing_for_ever(database, outbox, clock):
    sparing = Sparing(database, outbox, clock)
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE outbox RENAME TO away")
    await sparing.tell(ONE, failing())
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE away RENAME TO outbox")
    assert await told(database) == []
    clock.seconds += 60
    await sparing.tell_counted()
    assert [one.times for _, one in await told(database)] == [1]
