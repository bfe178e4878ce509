"""Taking the log out: whole, of one moment, a piece at a time, on record before, and visibly broken off."""

import asyncio
import csv
import io
import json

import aiohttp
import pytest

from latchkey_audit.handlers.export import Export
from latchkey_audit.store import search
from latchkey_kit.testing import eventually
from latchkey_verify.testing import ROLE_ID, rights

HOSTILE = "\r\nb\x1b[2J\x00\x85\u2028\u2029,\"'\n=1+1"


@pytest.fixture
async def begin(audit, owners):
    """Begin an export, and read no more of it than the first line."""
    async with aiohttp.ClientSession(read_bufsize=2**12) as session:
        begun = []

        async def get(token=None, **params):
            sent = {"Authorization": f"Bearer {token or owners.issuers[0].mint()}"}
            got = await session.get(f"{audit.public_url}/v1/audit-events/export", headers=sent, params=params)
            begun.append(got)
            if got.status == 200:
                await got.content.readline()
            return got

        yield get
        for one in begun:
            one.close()


def rows(body):
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


async def test_both_forms_hold_what_a_page_shows(record, ask, fact, clock):
    await record(fact(at=1, agent="Ünï 🔑"), fact("token.reused", at=2, details={"connection": "7" * 32}))
    page = json.loads((await ask("/v1/audit-events"))[2])["data"]
    status, headers, body = await ask("/v1/audit-events/export", format="ndjson")
    assert (status, headers["Content-Type"]) == (200, "application/x-ndjson")
    name = f"audit-events-{clock.now():%Y%m%dT%H%M%SZ}.ndjson"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    lines = [json.loads(line) for line in body.decode().splitlines()]
    assert [one for one in lines if one["action"] != "auditlog.viewed"] == page
    status, headers, body = await ask("/v1/audit-events/export", result="failed")
    assert headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert headers["Cache-Control"] == "no-store"
    (row,) = rows(body)
    assert list(row) == list(page[0])
    assert (row["id"], row["staff"], row["user"], row["position"]) == (page[0]["id"], "false", "", "2")
    assert json.loads(row["details"]) == page[0]["details"]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_hostile_text_is_one_line_and_no_formula(record, ask, fact, form):
    agents = [HOSTILE, "=cmd|' /C calc'!A0", "@SUM(A1)", "-1", "+1", "\t=1"]
    await record(*(fact(at=n + 1, agent=one, details={one: one}) for n, one in enumerate(agents)))
    _, _, body = await ask("/v1/audit-events/export", format=form, action="user.signed_in")
    text = body.decode()
    assert len(text.splitlines()) == len(agents) + (form == "csv")
    assert not set(text) & set("\x1b\x00\x7f\x85\u2028\u2029")
    if form == "csv":
        found = rows(body)[::-1]
        assert not [row for row in found for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert [json.loads(row["details"]) for row in found] == [{one: one} for one in agents]
    else:
        assert [json.loads(line)["agent"] for line in text.splitlines()][::-1] == agents


async def test_that_the_log_left_is_on_record_before_it_leaves(record, ask, fact, monkeypatch):
    await record(fact(at=1))
    await ask("/v1/audit-events/export", action="user.*", format="ndjson")

    async def told():
        _, _, body = await ask("/v1/audit-events", action="auditlog.exported")
        return json.loads(body)["data"]

    (entry,) = await eventually(told)
    assert entry["details"]["format"] == "ndjson"
    assert entry["details"]["filter"] == {"action": "user.*"}

    async def fails(*_args, **_more):
        raise ConnectionError

    monkeypatch.setattr("latchkey_kit.messaging.outbox.Outbox.add", fails)
    status, _, body = await ask("/v1/audit-events/export")
    assert (status, json.loads(body)["code"]) == (503, "temporarily_unavailable")


async def test_head_says_what_would_come_and_tells_of_nothing(audit, http, owners, ask):
    sent = {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    async with http.head(f"{audit.public_url}/v1/audit-events/export", headers=sent) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
    _, _, body = await ask("/v1/audit-events", action="auditlog.exported")
    assert json.loads(body)["data"] == []


async def test_a_long_log_leaves_whole_and_is_read_no_faster_than_it_is_taken(record, begin, fact, monkeypatch):
    events = [fact(at=n / 100, agent="x" * 600) for n in range(20_000)]
    await record(*events)
    pieces = []
    page = search.page

    async def counted(*args, **more):
        pieces.append(args)
        return await page(*args, **more)

    monkeypatch.setattr(search, "page", counted)
    got = await begin(format="ndjson", action="user.*")
    read_before = -1
    while read_before < len(pieces):  # until nobody reads on
        read_before = len(pieces)
        await asyncio.sleep(0.3)
    assert len(pieces) < 40  # of 100: no more than fits into the buffers on the way
    await record(fact(at=1.005), fact(at=1000))
    body = await got.read()
    assert [json.loads(line)["id"] for line in body.splitlines()] == [one.id for one in events[::-1]][1:]


async def test_what_breaks_in_the_middle_does_not_look_whole(record, begin, fact, monkeypatch):
    await record(*(fact(at=n) for n in range(450)))
    read = Export._read

    async def breaks(self, tenant, wanted, last, through):
        if last is not None:
            raise RuntimeError("the disk is gone")
        return await read(self, tenant, wanted, last, through)

    monkeypatch.setattr(Export, "_read", breaks)
    with pytest.raises(aiohttp.ClientPayloadError):
        await (await begin(format="ndjson")).read()


async def test_an_export_is_cut_when_its_connection_dies(record, begin, fact, owners):
    await record(*(fact(at=n, agent="x" * 3000) for n in range(4000)))
    got = await begin()
    owners.kill()
    await owners.asked_again("/feed")
    with pytest.raises(aiohttp.ClientPayloadError):
        await got.read()


async def test_an_export_is_cut_when_its_right_goes(record, begin, fact, owners):
    await record(*(fact(at=n, agent="x" * 3000) for n in range(4000)))
    got = await begin()
    owners.rights = rights(*[{"auditlog": ["view"]}] * 3, revision=2)
    owners.add("role", ROLE_ID, 2)
    await eventually(lambda: _refused(begin))
    with pytest.raises(aiohttp.ClientPayloadError):
        await got.read()


async def _refused(begin):
    return (await begin()).status == 403


async def test_exports_are_few_at_a_time_in_a_tenant(record, begin, fact, owners):
    await record(*(fact(at=n, agent="x" * 3000) for n in range(4000)))
    first, _second = await begin(), await begin()
    third = await begin()
    assert (third.status, third.headers["Retry-After"]) == (429, "5")
    assert (await begin(owners.issuers[0].mint(tid="9" * 32))).status == 200
    first.close()

    async def admitted():
        return (await begin()).status == 200

    await eventually(admitted)
