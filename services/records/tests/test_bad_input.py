"""Whatever is sent: a clear answer by name, never a 5xx."""

import io

import pytest

COMPANY = f"{1:032x}"


BAD_QUERIES = [
    ("limit=0", "/limit"), ("limit=201", "/limit"), ("limit=x", "/limit"), ("limit=", "/limit"),
    ("limit=%C2%B2", "/limit"), ("limit=9999999999999999999999", "/limit"), ("limit=-1", "/limit"),
    ("limit=1&limit=2", "/limit"), ("cursor=x", "/cursor"), ("cursor=", "/cursor"),
    ("cursor=" + "f" * 33, "/cursor"), ("sort=nope", "/sort"), ("id=1", "/id"), ("=1", "/"),
    ("name=" + "x" * 201, "/name"), ("owner=sam", "/owner"), ("owner=", "/owner"),
    ("arr=much", "/arr"), ("arr=1e3", "/arr"), ("arr=NaN", "/arr"), ("arr=9999999999999999", "/arr"),
    ("created_at=yesterday", "/created_at"), ("created_at=2026-01-01T00:00:00", "/created_at"),
    ("created_at=0001-01-01T00:00:00%2B14:00", "/created_at"), ("name=a&name=b", "/name"),
]  # fmt: skip


async def test_bad_query_parameters_are_named(house, companies):
    token = house.grant()
    for query, pointer in BAD_QUERIES:
        answer = await house.ask("GET", f"/v1/companies?{query}", token)
        assert (query, answer.status, answer.pointers) == (query, 400, [pointer])


@pytest.mark.parametrize("query", ["name=%FF%FE", "name=%F0%9F%94%91", "name=%ED%A0%80", "name='", "city=%25"])
async def test_odd_but_harmless_filters_find_nothing(house, companies, query):
    answer = await house.ask("GET", f"/v1/companies?{query}", house.grant())
    assert (answer.status, answer.data) == (200, [])


BAD_VALUES = [
    ({"name": 5}, "/name"), ({"name": None}, "/name"), ({"name": " "}, "/name"), ({"name": "x" * 201}, "/name"),
    ({"owner": "Carly"}, "/owner"), ({"owner": ["me"]}, "/owner"),
    ({"owner": "A" * 32}, "/owner"), ({"arr": "5"}, "/arr"), ({"arr": True}, "/arr"), ({"arr": 1e300}, "/arr"),
    ({"city": {"name": "Rome"}}, "/city"), ({"id": "f" * 32}, "/id"), ({"tenant_id": "f" * 32}, "/tenant_id"),
    ({"a/b": 1}, "/a~1b"), ({"x" * 200: 1}, "/" + "x" * 80), ({"": 1}, "/"),
]  # fmt: skip


async def test_bad_values_are_named_and_nothing_changes(house, companies):
    token = house.grant()
    before = (await house.get("/v1/companies", token)).body
    for values, pointer in BAD_VALUES:
        for answer in (
            await house.patch(f"/v1/companies/{COMPANY}", token, values),
            await house.post("/v1/companies", token, {"name": "New"} | values),
        ):
            assert (values, answer.status, answer.pointers) == (values, 400, [pointer])
    assert (await house.get("/v1/companies", token)).body == before


BAD_TASKS = [
    ({"due": "tomorrow"}, "/due"), ({"due": "20261231"}, "/due"), ({"due": 5}, "/due"), ({"done": "yes"}, "/done"),
    ({"done": None}, "/done"), ({"done": 1}, "/done"), ({"company": "me"}, "/company"), ({}, "/title"),
]  # fmt: skip


async def test_bad_values_of_a_task_are_named(house):
    token = house.grant()
    for values, pointer in BAD_TASKS:
        body = values if pointer == "/title" else {"title": "Call"} | values
        answer = await house.post("/v1/tasks", token, body)
        assert (values, answer.status, answer.pointers) == (values, 400, [pointer])


async def test_bad_addresses_are_named(house):
    for email in ("x", "@", "a b@c", "a@"):
        answer = await house.post("/v1/endusers", house.grant(), {"name": "Ann", "email": email})
        assert (email, answer.status, answer.pointers) == (email, 400, ["/email"])


BAD_BODIES = [
    (b"", "application/json", 400), (b"{", "application/json", 400), (b"[]", "application/json", 400),
    (b"null", "application/json", 400), (b'"x"', "application/json", 400), (b"\xff", "application/json", 400),
    (b"[" * 100_000, "application/json", 400), (b'{"name":' * 50_000, "application/json", 400),
    (b'{"name":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "application/json", 400),
    (b'{"name":"\\ud800"}', "application/json", 400), (b'{"arr":1e999,"name":"x"}', "application/json", 400),
    (b'{"name":"x"}', "text/plain", 415), (b"name=x", "application/x-www-form-urlencoded", 415),
    (b'{"name":"a\\u0000b"}', "application/json", 400),
]  # fmt: skip


async def test_bad_bodies_are_refused(house, companies):
    token = house.grant()
    for body, kind, status in BAD_BODIES:
        for method, path in (("POST", "/v1/companies"), ("PATCH", f"/v1/companies/{COMPANY}")):
            answer = await house.ask(method, path, token, data=body, headers={"Content-Type": kind})
            assert (body[:40], answer.status) == (body[:40], status)
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert len((await house.get("/v1/companies", token)).data) == 20


async def test_huge_body_is_refused(house, companies):
    body = b'{"name":"' + b"x" * 2_000_000 + b'"}'
    for method, path in (("POST", "/v1/companies"), ("PATCH", f"/v1/companies/{COMPANY}")):
        answer = await house.ask(
            method, path, house.grant(), data=io.BytesIO(body), headers={"Content-Type": "application/json"}
        )
        assert (answer.status, answer.body["code"]) == (413, "too_large")


@pytest.mark.parametrize("address", ["/v1/companies?name=%00", "/v1/companies?%00=1", "/v1/companies/%00"])
async def test_nul_in_an_address_is_refused(house, address):
    assert (await house.ask("GET", address, house.grant())).status == 400


@pytest.mark.parametrize("record", ["%2e%2e", "%F0%9F%94%91", "a" * 4000, "%27%20OR%201", "ffffffff-ffff"])
async def test_ids_that_are_none_are_not_found(house, record):
    for method in ("GET", "DELETE"):
        assert (await house.ask(method, f"/v1/companies/{record}", house.grant())).status == 404


async def test_parameters_where_none_are_taken_are_named(house, companies):
    for method, more in (("GET", {}), ("DELETE", {}), ("PATCH", {"json": {"city": "Rome"}})):
        answer = await house.ask(method, f"/v1/companies/{COMPANY}?force=1", house.grant(), **more)
        assert (answer.status, answer.pointers) == (400, ["/force"])


async def test_other_methods_are_not_taken(house):
    answer = await house.ask("PUT", f"/v1/companies/{COMPANY}", house.grant(), json={})
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")


async def test_browsers_of_other_origins_may_ask(house):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    answer = await house.ask("OPTIONS", f"/v1/companies/{COMPANY}", None, headers=asked)
    assert (answer.status, answer.headers["Access-Control-Allow-Methods"]) == (204, "PATCH")
