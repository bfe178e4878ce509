"""Whatever is made up for names, values, cursors, headers and bodies: an answer by name, never a 5xx."""

import asyncio
from urllib.parse import quote

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from latchkey_kit.requests import PeerRefused
from latchkey_records.domain import cursor
from latchkey_records.domain.catalogue import COMPANY as COMPANY_KIND
from latchkey_records.domain.order import Key

COMPANY = f"{1:032x}"
NAMES = [
    "name", "arr", "owner", "created_at", "address.city", "open_tasks", "address",
    "limit", "cursor", "sort", "format", "id",
]  # fmt: skip
OPERATORS = ["", "[eq]", "[gt]", "[gte]", "[lt]", "[lte]", "[prefix]", "[", "]", "[]"]
VALUES = [
    "", "0", "-1", "1e400", "NaN", "Infinity", "9" * 400, "0." + "1" * 400, "me", "true", "null", "2026-12-31",
    "[]", "{}", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "a" * 32, "f" * 33,
    "-name", "-arr,name", "name,", "' OR 1=1 --",
    "%", "_", "\\", "\ud800", "\uffff", "\U0010ffff", "\u202e",
]  # fmt: skip
texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=60))
queries = st.lists(
    st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), st.sampled_from(OPERATORS), texts), max_size=4
)
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=8))
json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=8,
)
objects = st.dictionaries(names, json, max_size=4)
headers = st.one_of(
    st.sampled_from(["*", '"*"', "", ",", '"', '""', 'W/"x"', '"x", "y', "W/", '"\xe9"', "\t"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)
hostile = settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))


async def tried(strategy, check):
    """Try many, one after the other; hypothesis wants a thread of its own."""
    loop = asyncio.get_running_loop()

    @hostile
    @given(strategy)
    def try_one(value):
        asyncio.run_coroutine_threadsafe(check(value), loop).result(60)

    await asyncio.to_thread(try_one)


def fine(answer, *statuses):
    assert answer.status in statuses, (answer.status, answer.body)
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_queries(house, companies):
    token = house.grant()

    async def check(query):
        sent = "&".join(
            f"{quote(name + way, errors='replace')}={quote(text, errors='replace')}" for name, way, text in query
        )
        for route in ("companies", "companies/export", "tasks"):
            url = URL(f"/v1/{route}?{sent}", encoded=True)
            fine(await house.ask("GET", str(url), token), 200, 400)

    await tried(queries, check)


async def test_bytes_that_are_no_text(house, companies):
    token = house.grant()

    async def check(raw):
        sent = "".join(f"%{byte:02x}" for byte in raw)
        for query in (f"name={sent}", f"{sent}=1", f"sort={sent}", f"cursor={sent}", f"name[prefix]={sent}"):
            fine(await house.ask("GET", f"/v1/companies?{query}", token), 200, 400)

    await tried(st.binary(max_size=12), check)


async def test_bodies_and_preconditions(house, companies):
    token = house.grant()

    async def check(sent):
        values, precondition = sent
        body = msgspec.json.encode(clean(values))
        given_headers = {"Content-Type": "application/json", "If-Match": precondition.strip()}
        path = f"/v1/companies/{COMPANY}"
        fine(await house.ask("PATCH", path, token, data=body, headers=given_headers), 200, 400, 412)
        fine(await house.ask("POST", "/v1/companies", token, data=body, headers=given_headers), 201, 400)
        given_headers = {"If-None-Match": precondition.strip()}
        fine(await house.ask("GET", path, token, headers=given_headers), 200, 304)

    await tried(st.tuples(objects, headers), check)


async def test_cursors_that_others_made(house, companies):
    """A digest can be made by anybody, so what a cursor holds may be anything."""
    token = house.grant()
    fields = ("arr", "created_at", "owner", "name", "open_tasks", "address.city")
    keys = {name: Key(COMPANY_KIND.field(name), falling=False) for name in fields}

    async def check(sent):
        name, value, record = sent
        text = cursor.write("company", (keys[name],), [clean(value)], record)
        answer = await house.ask("GET", f"/v1/companies?sort={name}&cursor={text}", token)
        fine(answer, 200, 400)

    records = st.one_of(st.just(COMPANY), st.just("x"))
    await tried(st.tuples(st.sampled_from(fields), json, records), check)


async def test_parameters_of_the_other_door(house, companies):
    token = house.grant()
    operations = st.sampled_from(["list", "get", "create", "update", "remove", "export", ""])
    known = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("filter", "sort", "limit", "cursor", "id", "values"), json)
    )
    compared = st.dictionaries(st.text(max_size=4), json)
    filters = st.fixed_dictionaries({"filter": st.dictionaries(st.sampled_from(NAMES), st.one_of(json, compared))})

    async def check(sent):
        operation, given_parameters = sent
        parameters = clean(given_parameters)
        try:
            performed = await house.perform(token, "companies", operation, **parameters)
        except PeerRefused as refused:  # U+0000, which no request may carry
            assert refused.problem.status == 400  # noqa: PT017 - mostly nothing is raised
        else:
            assert performed.status in {200, 201, 204, 400, 404}, performed

    await tried(st.tuples(operations, st.one_of(known, filters, objects)), check)


def clean(value):
    """What JSON can carry: no half characters, no infinities."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else 0.5
    if isinstance(value, int) and not isinstance(value, bool):
        return max(min(value, 2**63), -(2**63))
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {clean(name): clean(one) for name, one in value.items()}
    return value
