"""A consumer gets its own tenant's entries: each, in order, once, and nothing of anybody else's."""

import datetime as dt
import socket

import msgspec
import pytest

from latchkey_audit.domain import streaming
from latchkey_contracts import chain
from latchkey_contracts.events import CloudEvent
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

OTHER = "9" * 32


async def test_a_tenants_entries_come_in_order_and_to_the_letter(
    publish, make_event, make_consumer, reading, positions
):
    ours, theirs = await make_consumer(), await make_consumer(tenant=OTHER)
    mine, foreign = [make_event() for _ in range(5)], [make_event(tenant=OTHER) for _ in range(3)]
    await publish(*foreign, make_event(tenant=None), *mine)
    messages = await (await reading(ours)).next(6)
    first = msgspec.json.decode(messages[0].data, type=CloudEvent)
    assert first.type == "auditconsumer.created"
    assert [one.data for one in messages[1:]] == [msgspec.json.encode(event) for event in mine]
    assert positions(messages) == [1, 2, 3, 4, 5, 6]
    assert messages[1].subject == f"audit.{TENANT}.{ours['id']}.user.signed_in"
    others = await (await reading(theirs)).next(4)
    assert {msgspec.json.decode(one.data)["tenantid"] for one in others} == {OTHER}


async def test_what_comes_with_an_entry_proves_that_none_is_missing(publish, make_event, make_consumer, reading):
    consumer = await make_consumer()
    await publish(*(make_event() for _ in range(4)))
    hashed = chain.GENESIS
    for message in await (await reading(consumer)).next(5):
        said = message.headers
        hashed = chain.link(
            hashed, tenant=TENANT, position=int(said["Lk-Position"]),
            recorded=dt.datetime.fromisoformat(said["Lk-Recorded"]), kept=int(said["Lk-Kept"]), body=message.data,
        )  # fmt: skip
        assert said["Lk-Hash"] == hashed.hex()


async def test_who_comes_back_reads_on_where_it_acknowledged(publish, make_event, make_consumer, reading, positions):
    consumer = await make_consumer()
    await publish(*(make_event() for _ in range(5)))
    before = await reading(consumer)
    assert positions(await before.next(3)) == [1, 2, 3]
    await before.client.close()
    assert positions(await (await reading(consumer)).next(3)) == [4, 5, 6]


async def test_a_consumer_may_begin_in_the_past(publish, make_event, make_consumer, reading, recorded, positions):
    await publish(*(make_event() for _ in range(3)))
    await recorded(3)
    consumer = await make_consumer(since="2026-01-01T00:00:00Z")
    assert positions(await (await reading(consumer)).next(4)) == [1, 2, 3, 4]
    from_now = await make_consumer()
    assert positions(await (await reading(from_now)).next(1)) == [5]


async def test_what_was_let_go_holds_nobody_up(publish, make_event, make_consumer, reading, log, recorded, positions):
    begun = "INSERT INTO chain (tenant_id, position, kept) VALUES ($1, $2, 12) RETURNING position"
    gone = await log(begun, TENANT, 3 * streaming.MOST_AHEAD)
    await publish(make_event())
    await recorded(gone + 1)
    consumer = await make_consumer(since="2026-01-01T00:00:00Z")
    assert positions(await (await reading(consumer)).next(2)) == [gone + 1, gone + 2]
    assert await log("UPDATE consumer SET published = 0, acked = 0, run = run + 1 RETURNING true")  # as one left behind
    assert positions(await (await reading(consumer)).next(2)) == [gone + 1, gone + 2]


async def test_when_another_leads_each_entry_comes_once(
    audit, serving_audit, publish, make_event, make_consumer, reading, log, positions
):
    ended = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 108486
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    consumer = await make_consumer()
    async with serving_audit(database_url=audit.settings.database_url) as other:
        await other.ready()
        for _ in range(3):
            await eventually(lambda: log(ended))
            await publish(*(make_event() for _ in range(20)))
        assert positions(await (await reading(consumer)).next(61)) == list(range(1, 62))


async def test_a_replay_moves_nobody_else(ask, publish, make_event, make_consumer, reading, positions):
    again, steady = await make_consumer("again"), await make_consumer("steady")
    await publish(*(make_event() for _ in range(4)))
    reader, other = await reading(again), await reading(steady)
    first = await reader.next(6)
    assert positions(first) == [1, 2, 3, 4, 5, 6]
    assert positions(await other.next(5)) == [2, 3, 4, 5, 6]
    since = first[2].headers["Lk-Recorded"]
    status, shown = await ask("POST", f"/{again['id']}/replay", json={"since": since})
    assert (status, shown["pending"]) == (200, False)
    begin = min(place for place, one in enumerate(first, 1) if one.headers["Lk-Recorded"] >= since)
    assert positions(await reader.next(8 - begin)) == list(range(begin, 8))
    assert positions(await other.next(1)) == [7]
    assert await other.nothing()


@pytest.mark.parametrize("way", ["never acknowledges", "never reads its socket"])
async def test_one_that_stands_still_harms_nobody(
    way, audit, ask, publish, make_event, make_consumer, reading, positions, monkeypatch
):
    monkeypatch.setattr(streaming, "MOST_AHEAD", 20)
    stuck, flowing = await make_consumer("stuck"), await make_consumer("flowing")
    standing, reader = await reading(stuck), await reading(flowing)
    if way == "never reads its socket":
        transport = standing.client._transport._io_writer.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        transport.pause_reading()
    await standing.client.publish(standing.subscription._nms, b'{"batch": 500}', standing.subscription._deliver)
    await standing.client.flush() if way == "never acknowledges" else await standing.client._flush_pending()
    await publish(*(make_event() for _ in range(100)))
    assert positions(await reader.next(101)) == list(range(2, 103))
    status, shown = await ask("GET", f"/{stuck['id']}")
    assert (status, shown["progress"]["published"], shown["progress"]["waiting"]) == (200, 20, 102)
    _, moving = await ask("GET", f"/{flowing['id']}")
    assert (moving["progress"]["acknowledged"], moving["progress"]["waiting"]) == (102, 0)
