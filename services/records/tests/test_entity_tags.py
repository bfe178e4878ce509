"""ETag, If-Match and If-None-Match (RFC 9110 §8.8.3, §13.1)."""

import asyncio
from collections import Counter

import pytest

NARROW = {"company": {"view": ["name", "open_tasks"], "update": ["name", "arr"], "remove": "*"}}


@pytest.fixture
def path(companies):
    return f"/v1/companies/{companies[0]}"


async def tag(house, path, token):
    return (await house.get(path, token)).headers["ETag"]


def when(tag, name="If-Match"):
    return {"headers": {name: tag}}


async def test_every_answer_with_one_record_has_its_tag(house, path):
    token = house.grant()
    first = await tag(house, path, token)
    assert first.startswith('"')
    assert await tag(house, path, token) == first
    changed = await house.patch(path, token, {"city": "Rome"})
    assert changed.headers["ETag"] == await tag(house, path, token) != first
    made = await house.post("/v1/companies", token, {"name": "New"})
    assert made.headers["ETag"] == await tag(house, made.headers["Location"], token)
    assert "ETag" not in (await house.get("/v1/companies", token)).headers


async def test_unchanged_record_is_304_without_a_body(house, path):
    token = house.grant()
    known = await tag(house, path, token)
    for given in (known, f"W/{known}", f'"x", {known}', "*"):
        answer = await house.ask("GET", path, token, **when(given, "If-None-Match"))
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, None, known)
    for given in ('"x"', "", "noise", '"' + "x" * 2000 + '"', "%00"):
        assert (await house.ask("GET", path, token, **when(given, "If-None-Match"))).status == 200


async def test_304_is_for_those_only_who_may_view(house, path, companies):
    known = await tag(house, path, house.grant())
    blind = house.grant({"company": ["update"]})
    assert (await house.ask("GET", path, blind, **when(known, "If-None-Match"))).status == 403
    own = house.grant(portfolio="own")
    outside = f"/v1/companies/{companies[1]}"
    assert (await house.ask("GET", outside, own, **when("*", "If-None-Match"))).status == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_change_of_what_has_changed_meanwhile_is_412(house, path, method):
    token = house.grant()
    seen = await tag(house, path, token)
    await house.patch(path, token, {"city": "Rome"})
    body = {"json": {"city": "Bonn"}} if method == "PATCH" else {}
    for given in (seen, f"W/{await tag(house, path, token)}", '"x"', "", "noise", 'noise "x"', '"*"'):
        answer = await house.ask(method, path, token, **when(given), **body)
        assert (given, answer.status, answer.body["code"]) == (given, 412, "changed_meanwhile")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["ETag"] == await tag(house, path, token)
    assert (await house.get(path, token)).body["city"] == "Rome"
    good = f'"x", {await tag(house, path, token)}'
    assert (await house.ask(method, path, token, **when(good), **body)).status in {200, 204}


async def test_empty_change_keeps_the_precondition(house, path):
    token = house.grant()
    assert (await house.ask("PATCH", path, token, json={}, **when('"x"'))).status == 412
    assert (await house.ask("PATCH", path, token, json={}, **when("*"))).status == 200


async def test_missing_record_is_404_whatever_the_precondition(house, companies):
    for given in ("*", '"x"'):
        for method, body in (("PATCH", {"json": {"city": "Rome"}}), ("DELETE", {})):
            answer = await house.ask(method, f"/v1/companies/{'f' * 32}", house.grant(), **when(given), **body)
            assert answer.status == 404


async def test_of_many_writers_who_saw_the_same_one_wins(house, path):
    token = house.grant()
    seen = await tag(house, path, token)
    writes = (house.ask("PATCH", path, token, json={"arr": n}, **when(seen)) for n in range(8))
    answers = await asyncio.gather(*writes)
    assert Counter(answer.status for answer in answers) == {200: 1, 412: 7}


async def test_tag_tells_nothing_of_what_may_not_be_viewed(house, path, companies):
    token, other = house.grant(NARROW), house.grant()
    seen = await tag(house, path, token)
    await house.patch(path, other, {"city": "Rome", "arr": 5})
    assert await tag(house, path, token) == seen
    assert (await house.ask("PATCH", path, token, json={"name": "Name"}, **when(seen))).status == 200
    assert await tag(house, path, token) != seen


async def test_tag_follows_what_is_calculated(house, path, companies):
    token = house.grant(NARROW)
    seen = await tag(house, path, token)
    await house.post("/v1/tasks", house.grant(), {"title": "Call", "company": companies[0]})
    answer = await house.ask("GET", path, token, **when(seen, "If-None-Match"))
    assert (answer.status, answer.body["open_tasks"]) == (200, 1)


async def test_pages_of_other_origins_may_send_and_read_tags(house, path):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    allowed = await house.ask("OPTIONS", path, None, headers=asked)
    assert {"If-Match", "If-None-Match"} <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
    answer = await house.ask("GET", path, house.grant(), headers={"Origin": "https://app.example"})
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
