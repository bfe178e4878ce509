"""`GET /v1/audit-events/stream`: every entry once and in order, across restarts; cut when it must; harming nobody."""

import asyncio
import json

import aiohttp
import msgspec
import pytest

from latchkey_audit import tail
from latchkey_audit.__main__ import DEFINITION
from latchkey_audit.handlers import stream
from latchkey_audit.store import log
from latchkey_contracts.requests.audit import STREAM_OF_TENANT
from latchkey_kit import db
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import credential
from latchkey_kit.web import exporting
from latchkey_verify.testing import ROLE_ID, TENANT, rights

OTHER = "9" * 32
HOSTILE = "a\r\nid: 7\n\ndata: {}\n\n\x1b[2J\x00\x85\u2028\u2029"
SIGN_INS = {"action": "user.signed_in"}  # nothing that tells of the reading


async def test_entries_come_as_they_are_recorded_with_their_positions(record, listen, fact, ask):
    await record(fact(at=1))
    ear = await (await listen(**SIGN_INS)).begun()
    assert ear.response.headers["Content-Type"] == "text/event-stream"
    assert ear.last == 1
    late, early = fact(at=9), fact(at=3)
    await record(late, fact(tenant=OTHER), fact("token.reused"), early)
    assert [one["id"] for one in await ear.hear_all(2)] == [late.id, early.id]
    shown = json.loads((await ask(f"/v1/audit-events/{early.id}"))[2])
    assert ear.last == shown["position"]
    await record(last := fact(at=10))
    heard = await ear.hear()
    assert (heard["id"], list(heard)) == (last.id, list(shown))


async def test_what_another_instance_records_comes_too(listen, publish, make_event):
    """Through NATS, ingest and the commit in this very process; `record` commits in another."""
    ear = await (await listen(**SIGN_INS)).begun()
    event = make_event()
    await publish(event)
    assert (await ear.hear())["id"] == event.id


@pytest.mark.parametrize("by", ["header", "query", "both"])
async def test_who_comes_back_goes_on_where_they_were(record, listen, fact, by):
    events = [fact(at=n) for n in range(9)]
    await record(*events[:5])
    given = {
        "header": {"headers": {"Last-Event-ID": "3"}}, "query": {"last_event_id": "3"},
        "both": {"headers": {"Last-Event-ID": "3"}, "last_event_id": "1"},
    }[by]  # fmt: skip
    ear = await listen(**SIGN_INS, **given)
    await record(*events[5:])
    assert [one["id"] for one in await ear.hear_all(6)] == [one.id for one in events[3:]]


async def test_who_has_seen_what_a_failover_lost_is_told_and_goes_on_from_the_end(record, listen, fact):
    await record(*(fact(at=n) for n in range(3)))
    ear = await listen(headers={"Last-Event-ID": "9"}, **SIGN_INS)
    assert await ear.hear() == {"position": 3}
    assert ear.last == 3
    await record(event := fact(at=4))
    assert (await ear.hear())["id"] == event.id


@pytest.fixture
def lose(audit):
    """The standby that took over has the log only up to a position, and has taken in these since."""

    async def back(position, *since):
        async with db.connect(audit.settings.database_url.reveal()) as database, database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("DELETE FROM event WHERE tenant_id = $1 AND position > $2", TENANT, position)
            await connection.execute(
                "UPDATE chain SET position = $2, hash = (SELECT hash FROM event WHERE tenant_id = $1 AND position = $2)"
                " WHERE tenant_id = $1",
                TENANT,
                position,
            )
            deliveries = [Delivery(one, msgspec.json.encode(one)) for one in since]
            await log.add(connection, [log.coming(one) for one in deliveries], kept=12)

    return back


@pytest.mark.parametrize("meanwhile", [0, 3600], ids=["compared", "by_its_end_alone"])
async def test_who_is_there_when_a_failover_loses_entries_is_told_once_and_goes_on_from_the_end(
    meanwhile, record, listen, fact, lose, owners, monkeypatch
):
    monkeypatch.setattr(tail, "COMPARE_SECONDS", 0)
    ear, other = await (await listen()).begun(), await (await listen(owners.issuers[0].mint(tid=OTHER))).begun()
    assert [(await one.hear())["action"] for one in (ear, other)] == ["auditlog.viewed"] * 2
    await record(*(fact(at=n) for n in range(5)))
    assert [one["position"] for one in await ear.hear_all(5)] == [2, 3, 4, 5, 6]
    monkeypatch.setattr(tail, "COMPARE_SECONDS", meanwhile)
    await lose(3)
    assert await ear.hear() == {"position": 3}
    assert ear.last == 3
    monkeypatch.setattr(tail, "COMPARE_SECONDS", 0)
    await record(event := fact(at=6), undisturbed := fact(tenant=OTHER))
    assert ((await ear.hear())["id"], ear.last) == (event.id, 4)
    assert ((await other.hear())["id"], other.last) == (undisturbed.id, 2)


async def test_who_is_there_is_told_when_others_have_taken_the_place_of_what_was_lost(
    record, listen, fact, lose, monkeypatch
):
    monkeypatch.setattr(tail, "COMPARE_SECONDS", 0)
    ear = await (await listen()).begun()
    assert (await ear.hear())["action"] == "auditlog.viewed"
    for first in (0, 5):  # when the second are heard, the look that found the first is over
        await record(*(fact(at=first + n) for n in range(5)))
        await ear.hear_all(5)
    await lose(2, *(fact(at=20 + n) for n in range(9)))
    assert await ear.hear() == {"position": 11}
    await record(event := fact(at=40))
    assert ((await ear.hear())["id"], ear.last) == (event.id, 12)


async def test_a_long_way_back_is_walked_with_a_filter_that_little_fits(record, listen, fact):
    events = [fact("token.reused" if n % 700 == 0 else "user.signed_in", at=n) for n in range(2200)]
    await record(*events)
    ear = await listen(action="token.reused", last_event_id="0")
    assert [one["id"] for one in await ear.hear_all(4)] == [one.id for one in events[::700]]


async def test_nothing_is_lost_or_doubled_over_restarts(serving_service, clock, owners, audit, record, listen, fact):
    """Two instances, the second of which stops and starts while entries come and the reader comes back to either."""
    shared = {
        "clock": clock, "heads_urls": owners.url, "permissions_url": owners.url, "auth_url": owners.url,
        "database_url": audit.settings.database_url, "nats_url": audit.settings.nats_url,
    }  # fmt: skip
    events = [fact(at=n) for n in range(600)]

    async def writing():
        for first in range(0, len(events), 10):
            await record(*events[first : first + 10])
            await asyncio.sleep(0)

    heard, last = [], "0"
    writer = asyncio.create_task(writing())
    for _ in range(3):
        async with serving_service(DEFINITION, **shared) as other:
            await other.ready()
            ear = await listen(url=other.public_url, headers={"Last-Event-ID": last}, **SIGN_INS)
            heard += await ear.hear_all(60)
            rest = asyncio.create_task(heard_out(ear))
        heard += await rest  # it ended by itself, with the end of its body
        ear = await listen(headers={"Last-Event-ID": str(ear.last)}, **SIGN_INS)
        heard += await ear.hear_all(40)
        ear.response.close()
        last = str(ear.last)
    await writer
    ear = await listen(headers={"Last-Event-ID": last}, **SIGN_INS)
    heard += await ear.hear_all(600 - len(heard))
    assert [one["id"] for one in heard] == [one.id for one in events]


async def heard_out(ear):
    heard = []
    while (one := await ear.hear()) is not None:
        heard.append(one)
    return heard


async def test_hostile_text_is_one_event(record, listen, fact):
    ear = await (await listen(**SIGN_INS)).begun()
    await record(fact(at=1, agent=HOSTILE, details={HOSTILE: HOSTILE}), last := fact(at=2))
    first, second = await ear.hear_all(2)
    assert (first["agent"], first["details"]) == (HOSTILE, {HOSTILE: HOSTILE})
    assert second["id"] == last.id
    assert ear.last == second["position"]


async def test_a_heartbeat_brings_the_place_behind_what_does_not_fit(record, listen, fact, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    ear = await (await listen(action="no.such")).begun()
    await record(*(fact(at=n) for n in range(7)))
    while ear.last < 7:
        line = await ear.response.content.readline()
        if line.startswith(b": "):
            ear.comments.append(line)
        elif line.startswith(b"id: "):
            ear.last = int(line[4:])
    assert ear.comments


async def test_a_reader_is_told_of_once_though_they_hear_of_it(record, listen, fact):
    ear = await (await listen()).begun()
    assert (await ear.hear())["action"] == "auditlog.viewed"
    await record(event := fact(at=1))
    assert (await ear.hear())["id"] == event.id
    again = await (await listen()).begun()
    await record(event := fact(at=2))
    assert [(await one.hear())["id"] for one in (ear, again)] == [event.id] * 2


async def cut(ear):
    with pytest.raises(aiohttp.ClientPayloadError):
        await heard_out(ear)


async def test_it_is_cut_when_its_connection_dies(listen, owners):
    ear = await (await listen(**SIGN_INS)).begun()
    owners.kill()
    await cut(ear)


async def test_it_is_cut_when_the_right_is_gone(listen, owners):
    ear = await (await listen(**SIGN_INS)).begun()
    owners.rights = rights(
        {"auditlog": ["view"]}, {"auditlog": ["view"]}, {"company": ["view"]}, revision=2
    )  # fmt: skip
    owners.add("role", ROLE_ID, 2)
    await cut(ear)


async def test_streams_are_few_in_a_tenant(listen, owners, monkeypatch):
    ears = [await (await listen(**SIGN_INS)).begun() for _ in range(stream.MOST_OF_A_TENANT)]
    refused = await listen()
    assert (refused.response.status, refused.response.headers["Retry-After"]) == (429, "5")
    assert (await listen(owners.issuers[0].mint(tid=OTHER))).response.status == 200
    ears[0].response.close()

    async def admitted():
        return (await listen(**SIGN_INS)).response.status == 200

    await eventually(admitted)


async def test_a_reader_who_takes_nothing_harms_nobody_and_is_cut(audit, owners, record, listen, fact, monkeypatch):
    monkeypatch.setattr(exporting, "_PATIENCE", 2)
    host, _, port = audit.public_url.removeprefix("http://").partition(":")
    _reader, writer = await asyncio.open_connection(host, int(port), limit=2**12)
    writer.write(
        b"GET /v1/audit-events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + owners.issuers[0].mint().encode()
        + b"\r\n\r\n"
    )
    ear = await (await listen(**SIGN_INS)).begun()
    events = [fact(at=n, agent="x" * 20_000) for n in range(600)]
    hearing = asyncio.create_task(ear.hear_all(600))  # meanwhile, or this one would be cut too
    await record(*events)
    assert [one["id"] for one in await hearing] == [one.id for one in events]

    async def is_cut():
        try:
            writer.write(b"\r\n")
            await writer.drain()
        except ConnectionError:
            return True
        return False

    await eventually(is_cut)
    writer.close()


async def test_head_opens_nothing(audit, http, owners):
    sent = {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    async with http.head(f"{audit.public_url}/v1/audit-events/stream", headers=sent) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")


async def test_the_operator_follows_a_tenants_log(audit, record, fact):
    auth = aiohttp.encode_basic_auth("operator", credential("operator"))
    async with (
        aiohttp.ClientSession(headers={"Authorization": auth}) as session,
        session.get(f"{audit.internal_url}{STREAM_OF_TENANT}", params={"tenant": TENANT, **SIGN_INS}) as response,
    ):
        assert (await response.content.readline()).startswith(b"retry: ")
        await record(event := fact(at=1))
        while not (line := await response.content.readline()).startswith(b"data: "):
            assert line
        assert json.loads(line[6:])["id"] == event.id
