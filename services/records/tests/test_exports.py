"""Exports: all that one may have, as a stream; an action of its own."""

import asyncio
import csv
import io
import json

import aiohttp
import asyncpg
import msgspec
import pytest

from latchkey_contracts.events import EVENTS, CloudEvent
from latchkey_kit.db import plain_ids
from latchkey_kit.testing import eventually
from latchkey_records.domain.exporting import lines
from latchkey_records.domain.kinds import Field

SAM, CARLY = "5" * 32, "6" * 32
ALL = {"company": ["view", "export"]}


async def exported(house, token, query="", route="companies"):
    """The rows of a CSV export, as objects."""
    answer = await house.ask("GET", f"/v1/{route}/export?{query}", token)
    assert answer.status == 200, answer.body
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


async def events(house):
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    await plain_ids(connection)
    rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at, id")
    await connection.close()
    read = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
    return [(one, msgspec.json.decode(one.data, type=EVENTS[one.type, 1])) for one in read]


async def test_csv_has_a_header_and_a_line_for_each_record(house, companies):
    answer = await house.ask("GET", "/v1/companies/export", house.grant(ALL))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="companies.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    head, *lines, end = answer.body.decode().split("\r\n")
    assert head.startswith("id,name,domain,owner,")
    assert "address.city" in head.split(",")
    assert (len(lines), end) == (20, "")


async def test_ndjson_is_as_a_list_has_it(house, companies):
    token = house.grant()
    answer = await house.ask("GET", "/v1/companies/export?format=ndjson", token)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.body.splitlines()] == (await house.get("/v1/companies", token)).data


async def test_export_is_a_right_of_its_own(house, companies):
    view = {"company": ["view"]}
    answer = await house.ask("GET", "/v1/companies/export", house.grant(view))
    assert (answer.status, answer.body["code"]) == (403, "insufficient_scope")
    assert 'scope="company:export"' in answer.headers["WWW-Authenticate"]
    assert (
        "scope="
        not in (await house.get("/v1/companies/export", house.grant(view, role=view))).headers["WWW-Authenticate"]
    )
    assert (await house.get("/v1/companies/export", None)).status == 401
    assert (await house.get("/v1/companies/export", house.grant({"task": ["view", "export"]}))).status == 403


async def test_fields_need_both_rights(house, companies):
    some = {"company": {"view": ["name", "owner", "address.city"], "export": ["name", "arr", "address.city"]}}
    rows = await exported(house, house.grant(some))
    assert list(rows[0]) == ["id", "name", "address.city"]
    assert list((await exported(house, house.grant({"company": ["export"]})))[0]) == ["id"]
    answer = await house.ask("GET", "/v1/companies/export?format=ndjson", house.grant(some))
    assert set(json.loads(answer.body.splitlines()[0])) == {"id", "name", "address"}


async def test_filters_and_order_are_those_of_lists(house, companies):
    found = await exported(house, house.grant(), "city=Oslo&name[prefix]=Company 1&sort=-name")
    assert [row["name"] for row in found] == ["Company 18", "Company 16", "Company 14", "Company 12", "Company 10"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("format=xml", "/format"), ("format=", "/format"), ("limit=5", "/limit"), ("cursor=x", "/cursor"),
        ("nope=1", "/nope"), ("sort=nope", "/sort"), ("arr[gte]=x", "/arr[gte]"), ("format=csv&format=csv", "/format"),
    ],
)  # fmt: skip
async def test_bad_parameters_are_named(house, companies, query, pointer):
    answer = await house.ask("GET", f"/v1/companies/export?{query}", house.grant())
    assert (answer.status, answer.pointers) == (400, [pointer])
    assert await events(house) == []


@pytest.mark.parametrize(
    ("portfolio", "found"),
    [
        ({"portfolio": "own"}, 5), ({"portfolio": "team", "team": (SAM, CARLY)}, 20), ({"portfolio": "listed"}, 0),
        ({"portfolio": "listed", "listed": (f"{2:032x}", f"{100:032x}")}, 1), ({"tid": "b" * 32}, 1),
        ({"portfolio": "all", "now": "own"}, 5),
    ],
)  # fmt: skip
async def test_only_what_is_within_reach_leaves(house, companies, portfolio, found):
    assert len(await exported(house, house.grant(**portfolio))) == found
    await house.post("/v1/tasks", house.grant(), {"title": "For nobody"})
    assert await exported(house, house.grant(portfolio="own"), route="tasks") == []


async def test_unknown_kind_of_portfolio_is_503(house, companies):
    answer = await house.get("/v1/companies/export", house.grant(portfolio="own", now="galaxy"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_that_records_left_is_on_record(house, companies):
    some = {"company": {"view": "*", "export": ["name"]}}
    await exported(house, house.grant(some, portfolio="own"), "sort=-name")
    ((envelope, event),) = await events(house)
    assert (envelope.type, envelope.tenantid, envelope.userid) == ("record.exported", "a" * 32, SAM)
    assert (event.model, event.format, event.fields, event.count) == ("company", "csv", ("name",), 5)


async def test_head_says_what_would_come_and_sends_nothing(house, companies):
    answer = await house.ask("HEAD", "/v1/companies/export?format=ndjson", house.grant())
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, None, "application/x-ndjson")
    assert await events(house) == []
    assert (await house.ask("HEAD", "/v1/companies/export", house.grant({"company": ["view"]}))).status == 403


def test_cells_are_no_formulas_and_survive_quotes():
    field = Field(name="name", type="text", title="Name")
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"):
        (row,) = csv.reader(io.StringIO(cells(field, text), newline=""))
        assert row == ["1", f"'{text}"]
    for text in ('a"b', "a,b", "a\r\nb", "a\nb", "Größe 🔑", " =1", "'", ""):
        (row,) = csv.reader(io.StringIO(cells(field, text), newline=""))
        assert row == ["1", text]
    for value, cell in ((-5, "-5"), (0.5, "0.5"), (True, "true"), (None, "")):
        assert cells(field, value) == f"1,{cell}\r\n"


def cells(field, value):
    return lines("csv", (field,), [{"id": "1", "name": value}]).decode()


@pytest.fixture
async def many(house):
    """So many companies, with such long descriptions, that they fit into no buffer on the way."""
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    await connection.execute(
        "INSERT INTO company (tenant_id, id, name, description) "
        "SELECT $1, lpad(to_hex(n), 32, '0')::uuid, n::text, repeat('x', 8000) FROM generate_series(1, 3000) AS n",
        "a" * 32,
    )
    await connection.close()


@pytest.fixture
def reading(house):
    """Begin an export, and read no more of it than the first line."""
    sessions = []

    async def begin(token):
        session = aiohttp.ClientSession(read_bufsize=2**12)
        sessions.append(session)
        sent = {"Authorization": f"Bearer {token}"}
        got = await session.get(f"{house.served.public_url}/v1/companies/export?sort=-name", headers=sent)
        if got.status == 200:
            await got.content.readline()
        return got

    async def end():
        for session in sessions:
            await session.close()

    begin.end = end
    return begin


async def test_export_is_cut_when_its_connection_dies(house, many, owners, reading):
    got = await reading(house.grant(sid="d" * 32))
    owners.kill("d" * 32)
    await owners.asked_again("/feed")
    with pytest.raises(aiohttp.ClientPayloadError):
        await got.read()
    await reading.end()


async def test_export_is_of_one_moment_and_whole(house, many, reading):
    got = await reading(house.grant())
    await house.delete(f"/v1/companies/{1:032x}", house.grant())
    await house.patch(f"/v1/companies/{2:032x}", house.grant(), {"description": "changed"})
    body = await got.read()
    assert body.count(b"\r\n") == 3000
    assert b"changed" not in body
    await reading.end()


async def test_exports_are_few_at_a_time_in_a_tenant_and_others_go_on(house, many, reading):
    token = house.grant()
    first, second = await reading(token), await reading(token)
    third = await reading(token)
    assert (third.status, third.headers["Retry-After"]) == (429, "5")
    assert (await reading(house.grant(tid="b" * 32))).status == 200
    assert (await house.get("/v1/companies", token)).status == 200
    first.close()

    async def admitted():
        return (await reading(token)).status == 200

    await eventually(admitted)
    await asyncio.gather(second.read())
    await reading.end()
