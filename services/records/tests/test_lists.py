"""Lists: filters that compare, orders, and cursors that hold for their own list only."""

import base64

import msgspec
import pytest

SAM, CARLY = "5" * 32, "6" * 32
ROWS = [
    {"name": "Ash", "arr": 500, "created_at": "2026-01-01T00:00:00Z", "address": {"city": "Oslo"}},
    {"name": "Birch", "arr": 0.5, "created_at": "2026-02-01T00:00:00Z", "address": {"city": "Rome"}},
    {"name": "ash", "arr": None, "created_at": "2026-03-01T00:00:00Z", "address": {"city": None, "country": "It"}},
    {"name": "Ästhetik", "arr": -3, "created_at": "2026-04-01T00:00:00Z"},
    {"name": "Ash%", "arr": 500, "created_at": "2026-05-01T00:00:00Z", "owner": SAM},
]
NARROW = {"company": {"view": ["name", "city"], "export": "*", "update": "*"}}


@pytest.fixture
async def trees(house):
    """Five companies, by number."""
    made = [{"id": f"{number:032x}"} | row for number, row in enumerate(ROWS)]
    assert await house.load("company", *made) == 5
    return house.grant()


async def numbers(house, token, query):
    answer = await house.ask("GET", f"/v1/companies?{query}", token)
    assert answer.status == 200, answer.body
    return [int(record["id"], 16) for record in answer.data]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("arr[gt]=0.5", [0, 4]), ("arr[gte]=0.5", [0, 1, 4]), ("arr[lt]=0.5", [3]), ("arr[lte]=0.5", [1, 3]),
        ("arr[gte]=0&arr[lt]=500", [1]), ("arr=500&arr[gte]=1", [0, 4]), ("arr[eq]=500", [0, 4]),
        ("name[prefix]=Ash", [0, 4]), ("name[prefix]=Ash%25", [4]), ("name[prefix]=_", []),
        ("name[prefix]=%C3%84", [3]), ("address.city=Oslo", [0]), ("address.city[prefix]=R", [1]),
        ("created_at[gte]=2026-03-01T00:00:00Z", [2, 3, 4]),
        ("created_at[lt]=2026-02-01T01:00:00%2B02:00", [0]), ("assets[gte]=1", []),
        ("open_tasks[lt]=0.5", [0, 1, 2, 3, 4]),
    ],
)  # fmt: skip
async def test_filters_compare(house, trees, query, found):
    assert await numbers(house, trees, query) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("arr", [3, 1, 0, 4, 2]), ("-arr", [0, 4, 1, 3, 2]), ("name", [0, 4, 1, 2, 3]), ("-name", [3, 2, 1, 4, 0]),
        ("-created_at", [4, 3, 2, 1, 0]), ("-arr,-name", [4, 0, 1, 3, 2]), ("address.city,-arr", [0, 1, 4, 3, 2]),
        ("open_tasks,-name", [3, 2, 1, 4, 0]), ("owner", [4, 0, 1, 2, 3]),
    ],
)  # fmt: skip
async def test_order_holds_over_pages_with_empty_values_last(house, trees, sort, found):
    assert await numbers(house, trees, f"sort={sort}") == found
    for limit in (1, 2):
        walked, more = [], ""
        while more is not None:
            answer = await house.ask("GET", f"/v1/companies?sort={sort}&limit={limit}{more}", trees)
            walked += [int(record["id"], 16) for record in answer.data]
            cursor = answer.body["next_cursor"]
            more = f"&cursor={cursor}" if cursor else None
        assert walked == found


BAD_QUERIES = [
    ("sort=", "/sort"), ("sort=name,", "/sort"), ("sort=--name", "/sort"), ("sort=name,-name", "/sort"),
    ("sort=description", "/sort"), ("sort=name,arr,city,phase", "/sort"), ("sort=id", "/sort"), ("sort=-", "/sort"),
    ("arr[gte]=", "/arr[gte]"), ("arr[gte]=x", "/arr[gte]"), ("arr[prefix]=5", "/arr[prefix]"),
    ("name[gte]=a", "/name[gte]"), ("name[prefix]=", "/name[prefix]"), ("owner[prefix]=5", "/owner[prefix]"),
    ("arr[]=5", "/arr[]"), ("arr[gte][lt]=5", "/arr[gte][lt]"), ("arr[GTE]=5", "/arr[GTE]"), ("[gte]=5", "/[gte]"),
    ("arr[gte]=1&arr[gte]=2", "/arr[gte]"), ("address=Oslo", "/address"), ("address.town=Oslo", "/address.town"),
    ("format=csv", "/format"), ("address[city]=Oslo", "/address"),
]  # fmt: skip


async def test_bad_queries_are_named(house, trees):
    for query, pointer in BAD_QUERIES:
        answer = await house.ask("GET", f"/v1/companies?{query}", trees)
        assert (query, answer.status, answer.pointers) == (query, 400, [pointer])


@pytest.mark.parametrize("route", ["companies", "companies/export"])
@pytest.mark.parametrize(
    "query", ["{}=5", "{}[gte]=5", "{}[gte]=x", "{}[wrong]=5", "{}[prefix]=", "sort={}", "sort=-{}"]
)
async def test_hidden_field_sounds_like_one_that_does_not_exist(house, trees, route, query):
    token = house.grant(NARROW)
    said = []
    for name in ("arr", "xrr"):
        answer = await house.ask("GET", f"/v1/{route}?{query.format(name)}", token)
        answer.body.pop("request_id")
        said.append((answer.status, str(answer.body).replace(name, "?")))
    assert said[0] == said[1]
    assert said[0][0] == 400


async def test_cursor_is_of_its_own_list_and_order_only(house, trees):
    cursor = (await house.get("/v1/companies", trees, sort="-arr,name", limit="2")).body["next_cursor"]
    again = await house.get("/v1/companies", trees, sort="-arr,name", limit="2", cursor=cursor)
    assert again.status == 200
    for path, more in (
        ("/v1/companies", {}), ("/v1/companies", {"sort": "arr,name"}), ("/v1/companies", {"sort": "-arr"}),
        ("/v1/companies", {"sort": "name,-arr"}), ("/v1/tasks", {}), ("/v1/tasks", {"sort": "title"}),
    ):  # fmt: skip
        answer = await house.get(path, trees, cursor=cursor, **more)
        assert (answer.status, answer.pointers) == (400, ["/cursor"])
        assert "of another list or order" in answer.body["errors"][0]["message"]


async def test_tampered_cursor_is_refused(house, trees):
    cursor = (await house.get("/v1/companies", trees, sort="-arr", limit="2")).body["next_cursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    payload = msgspec.json.decode(raw[9:])
    assert payload == ["500", f"{4:032x}"]
    changed = raw[:9] + msgspec.json.encode(["1", f"{4:032x}"])
    broken = [raw[:-1], raw + b" ", raw[1:], changed, b"", raw[:9], raw[:9] + b"[]", raw[:9] + b"[" * 3000]
    for text in [*(base64.urlsafe_b64encode(one).decode() for one in broken), cursor + "=", "é", "a" * 8000, " "]:
        answer = await house.get("/v1/companies", trees, sort="-arr", cursor=text)
        assert (text[:60], answer.status, answer.pointers) == (text[:60], 400, ["/cursor"])


async def test_fields_that_are_hidden_meanwhile_end_the_list(house, trees):
    cursor = (await house.get("/v1/companies", trees, sort="-arr", limit="2")).body["next_cursor"]
    answer = await house.get("/v1/companies", house.grant(NARROW), sort="-arr", cursor=cursor)
    assert (answer.status, answer.pointers) == (400, ["/sort"])


async def test_nested_fields_are_read_and_written_as_objects(house, trees):
    path = f"/v1/companies/{0:032x}"
    assert (await house.get(path, trees)).body["address"] == {"street": None, "city": "Oslo", "country": None}
    changed = await house.patch(path, trees, {"address": {"street": "Storgata 1"}})
    assert changed.body["address"] == {"street": "Storgata 1", "city": "Oslo", "country": None}
    assert (await house.patch(path, trees, {"address": {}})).body == changed.body
    emptied = await house.patch(path, trees, {"address": None})
    assert emptied.body["address"] == {"street": None, "city": None, "country": None}
    made = await house.post("/v1/companies", trees, {"name": "New", "address": {"country": "Norway"}})
    assert made.body["address"]["country"] == "Norway"


async def test_rights_reach_down_to_nested_fields(house, trees):
    some = {"company": {"view": ["address.city"], "update": ["address.city", "city"]}}
    token, path = house.grant(some), f"/v1/companies/{0:032x}"
    assert (await house.get(path, token)).body == {"id": f"{0:032x}", "address": {"city": "Oslo"}}
    assert (await house.patch(path, token, {"address": {"city": "Rome"}})).body["address"] == {"city": "Rome"}
    answer = await house.patch(path, token, {"address": {"city": "Bonn", "street": "x"}})
    assert (answer.status, answer.pointers) == (403, ["/address/street"])
    assert 'scope="company.address.street:update"' in answer.headers["WWW-Authenticate"]
    answer = await house.patch(path, token, {"address": None})
    assert (answer.status, sorted(answer.pointers)) == (403, ["/address/country", "/address/street"])
    assert (await house.get(path, token)).body["address"] == {"city": "Rome"}


async def test_metrics_count_and_are_read_only(house, trees):
    await house.post("/v1/assets", trees, {"name": "Sandbox", "company": f"{1:032x}"})
    assert await numbers(house, trees, "assets=1") == [1]
    assert await numbers(house, trees, "sort=-assets&limit=1") == [1]
    for name in ("assets", "open_tasks"):
        answer = await house.patch(f"/v1/companies/{1:032x}", trees, {name: 5})
        assert (answer.status, answer.pointers) == (400, [f"/{name}"])
        assert "read-only" in answer.body["errors"][0]["message"]
