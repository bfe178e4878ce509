"""A fact that several requests may tell is told once, by an id of what it tells of."""

import asyncio

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id

TENANT = "0" * 32


async def bodies(database):
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT id, body FROM outbox")
    return [(row["id"], msgspec.json.decode(row["body"], type=CloudEvent)) for row in rows]


async def test_many_at_once_write_one_event_which_has_that_id(database, outbox, make_event):
    fact = new_id(SystemClock(), SystemEntropy())

    async def tell():
        async with database.transaction() as connection:
            await outbox.add(connection, make_event(), tenant=TENANT, once=fact)

    await asyncio.gather(*(tell() for _ in range(5)))
    ((row, event),) = await bodies(database)
    assert (row, event.id) == (fact, fact)


async def test_what_did_not_commit_was_not_told(database, outbox, make_event):
    fact = new_id(SystemClock(), SystemEntropy())
    async with database.session() as first, database.session() as second:
        begun = first.transaction()
        await begun.start()
        await outbox.add(first, make_event(), tenant=TENANT, once=fact)
        waiting = asyncio.create_task(outbox.add(second, make_event(), tenant=TENANT, once=fact))
        await begun.rollback()
        await waiting
    assert [row for row, _ in await bodies(database)] == [fact]
