"""Lists and exports, page by page, hold just what a naive reading of all records holds."""

import asyncio
import csv
import functools
import io
from operator import eq, ge, gt, le, lt
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ACME, GLOBEX = "a" * 32, "b" * 32
SAM, CARLY, KIM = "5" * 32, "6" * 32, "7" * 32
TEAM = (SAM, KIM)
COMPARED = {"eq": eq, "gt": gt, "gte": ge, "lt": lt, "lte": le, "prefix": str.startswith}
NAMES, CITIES = ("Ash", "ash", "Birch", "Äsche", "Ash, Inc."), (None, "", "Oslo", "Rome", "=1")
NUMBERS = (None, -3, 0, 0.5, 500)


def world(seed):
    """Companies and tasks of two tenants, with many equal and empty values; the same for the same seed."""
    companies = [
        {
            "id": f"{number + 1:032x}", "name": NAMES[number * 7 % 5], "arr": NUMBERS[number * 3 % 5],
            "city": CITIES[number * number % 5], "owner": (SAM, CARLY, KIM, None)[number * 5 % 4],
        }
        for number in range(seed % 17, seed % 17 + 37)
    ]  # fmt: skip
    tasks = [
        {
            "id": f"{number + 1000:032x}", "title": NAMES[number % 5], "done": number % 3 == 0,
            "due": (None, "2026-01-01", "2026-12-31")[number % 3],
            "company": companies[number * 11 % 37]["id"] if number % 4 else None,
        }
        for number in range(41)
    ]  # fmt: skip
    return {"companies": companies, "tasks": tasks}


WORLD = world(3)
LISTED = tuple(company["id"] for company in WORLD["companies"][::3])
FIELDS = {
    "companies": {"name": NAMES, "arr": NUMBERS, "city": CITIES, "owner": (SAM, CARLY, KIM)},
    "tasks": {
        "title": NAMES, "done": (True, False), "due": ("2026-01-01", "2026-06-01"),
        "company": (*LISTED[:3], WORLD["companies"][1]["id"]),
    },
}  # fmt: skip
TEXTS, ORDERED = {"name", "city", "title"}, {"arr", "due"}
MODELS = {"companies": "company", "tasks": "task"}


@st.composite
def questions(draw):
    route = draw(st.sampled_from(sorted(FIELDS)))
    fields = FIELDS[route]
    visible = draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    filters = {}
    for name in draw(st.sets(st.sampled_from(sorted(visible)), max_size=2)):
        ways = ["eq"] + ["prefix"] * (name in TEXTS) + ["gt", "gte", "lt", "lte"] * (name in ORDERED)
        possible = [one for one in fields[name] if one is not None]
        way = draw(st.sampled_from(ways))
        filters[name, way] = draw(st.sampled_from([one for one in possible if one != "" or way != "prefix"]))
    names = draw(st.lists(st.sampled_from(sorted(visible)), unique=True, max_size=3))
    sort = tuple((name, draw(st.booleans())) for name in names)
    kinds = st.sampled_from(["all", "own", "team", "listed"])
    return route, frozenset(visible), filters, sort, draw(kinds), draw(kinds), draw(st.sampled_from([1, 2, 7, 50]))


def oracle(route, visible, filters, sort, granted, now):
    """Read everything, keep what counts, put it in order."""
    companies = {one["id"]: one for one in WORLD["companies"]}

    def holds(kind, record):
        company = record if route == "companies" else companies.get(record["company"])
        if kind == "all":
            return True
        if company is None:
            return False
        return {"own": company["owner"] == SAM, "team": company["owner"] in TEAM, "listed": company["id"] in LISTED}[
            kind
        ]

    def fits(record):
        return all(
            record[name] is not None and COMPARED[way](record[name], value) for (name, way), value in filters.items()
        )

    def compare(one, two):
        for name, falling in sort:
            left, right = one[name], two[name]
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            return (1 if left > right else -1) * (-1 if falling else 1)
        return 1 if one["id"] > two["id"] else -1

    found = [one for one in WORLD[route] if holds(granted, one) and holds(now, one) and fits(one)]
    return [
        {name: value for name, value in one.items() if name in visible or name == "id"}
        for one in sorted(found, key=functools.cmp_to_key(compare))
    ]


def query_of(filters, sort):
    asked = {}
    for (name, way), value in filters.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        asked[name if way == "eq" else f"{name}[{way}]"] = text
    if sort:
        asked["sort"] = ",".join("-" * falling + name for name, falling in sort)
    return asked


@pytest.fixture
async def filled(house):
    for tenant in (ACME, GLOBEX):
        assert await house.load("company", *WORLD["companies"], tenant=tenant) == 37
        assert await house.load("task", *WORLD["tasks"], tenant=tenant) == 41
    return house


async def test_pages_and_exports_are_what_a_naive_reading_finds(filled):
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(questions())
    def check(question):
        asyncio.run_coroutine_threadsafe(asked_like_the_oracle(filled, *question), loop).result(60)

    await asyncio.to_thread(check)


async def asked_like_the_oracle(house, route, visible, filters, sort, granted, now, limit):
    rights = {MODELS[route]: {"view": sorted(visible), "export": "*"}}
    token = house.grant(rights, portfolio=granted, now=now, team=TEAM, listed=LISTED)
    expected = oracle(route, visible, filters, sort, granted, now)
    asked, found = query_of(filters, sort), []
    cursor = {}
    while cursor is not None:
        answer = await house.ask("GET", f"/v1/{route}?{urlencode({**asked, **cursor, 'limit': limit})}", token)
        assert answer.status == 200, answer.body
        assert len(answer.data) == min(limit, len(expected) - len(found)), "pages are full until the last one"
        found += answer.data
        next_one = answer.body["next_cursor"]
        cursor = {"cursor": next_one} if next_one else None
    assert found == expected
    performed = await house.perform(token, route, "list", filter=as_parameters(filters), sort=words(sort), limit=200)
    assert performed.body["data"] == expected
    exported = await house.ask("GET", f"/v1/{route}/export?{urlencode(asked)}", token)
    rows = list(csv.DictReader(io.StringIO(exported.body.decode(), newline="")))
    assert [row["id"] for row in rows] == [one["id"] for one in expected]
    assert all(set(row) == visible | {"id"} for row in rows)


def as_parameters(filters):
    return {name: {way: value} for (name, way), value in filters.items()}


def words(sort):
    return ["-" * falling + name for name, falling in sort]
