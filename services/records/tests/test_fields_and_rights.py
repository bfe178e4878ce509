"""What may not be viewed is not there; what may not be written is refused by name."""

import pytest

from latchkey_contracts.feed import CONNECTION
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN

API, MCP = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"
SAM, CARLY = "5" * 32, "6" * 32
NARROW = {"company": {"view": ["name", "city"], "update": ["city"], "create": ["name", "city"], "remove": "*"}}


async def test_only_viewable_fields_appear(house, companies):
    token = house.grant(NARROW)
    assert (await house.get(f"/v1/companies/{companies[0]}", token)).body == {
        "id": companies[0],
        "name": "Company 0",
        "city": "Oslo",
    }
    page = await house.get("/v1/companies", token, limit="2")
    assert [set(record) for record in page.data] == [{"id", "name", "city"}] * 2
    changed = await house.patch(f"/v1/companies/{companies[0]}", token, {"city": "Rome"})
    assert changed.body == {"id": companies[0], "name": "Company 0", "city": "Rome"}
    made = await house.post("/v1/companies", token, {"name": "New"})
    assert (made.status, set(made.body)) == (201, {"id", "name", "city"})
    assert made.headers["Location"] == f"/v1/companies/{made.body['id']}"


async def test_without_view_a_change_answers_with_the_id_alone(house, companies):
    token = house.grant({"company": ["update"]})
    assert (await house.patch(f"/v1/companies/{companies[0]}", token, {"arr": 7})).body == {"id": companies[0]}
    assert (await house.patch(f"/v1/companies/{companies[0]}", token, {})).body == {"id": companies[0]}


async def test_hidden_field_is_as_unknown_in_filters_as_one_that_does_not_exist(house, companies):
    token = house.grant(NARROW)
    hidden, unknown = await house.get("/v1/companies", token, owner=SAM), await house.get("/v1/companies", token, x="1")
    assert (hidden.status, hidden.pointers) == (400, ["/owner"])
    assert (unknown.status, unknown.pointers) == (400, ["/x"])
    assert str(hidden.body["errors"]).replace("owner", "x") == str(unknown.body["errors"])


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"owner": SAM}, 5), ({"owner": "me"}, 5), ({"owner": CARLY}, 15), ({"owner": "e" * 32}, 0),
        ({"name": "Company 3"}, 1), ({"city": "Oslo"}, 10), ({"city": "Oslo", "owner": "me"}, 5),
        ({"city": "Paris", "owner": "me"}, 0), ({"open_tasks": "1"}, 1), ({"name": "' OR true --"}, 0),
    ],
)  # fmt: skip
async def test_filters_find_equal_values(house, companies, filters, count):
    token = house.grant()
    assert (await house.post("/v1/tasks", token, {"title": "Call", "company": companies[0]})).status == 201
    answer = await house.get("/v1/companies", token, **filters)
    assert (answer.status, len(answer.data)) == (200, count)


async def test_filters_know_the_types_of_their_fields(house, companies):
    token = house.grant()
    task = {"title": "Call", "company": companies[0], "done": True, "due": "2026-12-31", "assignee": "me"}
    made = (await house.post("/v1/tasks", token, task)).body
    assert made == {"id": made["id"], **task, "assignee": SAM}
    for filters in ({"done": "true"}, {"due": "2026-12-31"}, {"assignee": "me"}, {"company": companies[0]}):
        assert [one["id"] for one in (await house.get("/v1/tasks", token, **filters)).data] == [made["id"]]
    assert (await house.get("/v1/tasks", token, done="false")).data == []
    await house.patch(f"/v1/companies/{companies[0]}", token, {"arr": 1200.5})
    assert [one["arr"] for one in (await house.get("/v1/companies", token, arr="1200.5")).data] == [1200.5]


async def test_calculated_field_counts_open_tasks_and_cannot_be_written(house, companies):
    token = house.grant()
    for done in (True, False, False):
        await house.post("/v1/tasks", token, {"title": "Call", "company": companies[0], "done": done})
    assert (await house.get(f"/v1/companies/{companies[0]}", token)).body["open_tasks"] == 2
    for field in ("open_tasks", "created_at"):
        for answer in (
            await house.patch(f"/v1/companies/{companies[0]}", token, {field: 1}),
            await house.post("/v1/companies", token, {"name": "New", field: 1}),
        ):
            assert (answer.status, answer.pointers) == (400, [f"/{field}"])


async def test_field_without_the_right_is_refused_by_name_and_nothing_changes(house, companies):
    token = house.grant(NARROW)
    answer = await house.patch(f"/v1/companies/{companies[0]}", token, {"city": "Rome", "owner": CARLY, "arr": 1})
    assert (answer.status, answer.body["code"]) == (403, "insufficient_scope")
    assert sorted(answer.pointers) == ["/arr", "/owner"]
    assert 'scope="company.owner:update company.arr:update"' in answer.headers["WWW-Authenticate"]
    assert (await house.get(f"/v1/companies/{companies[0]}", token)).body["city"] == "Oslo"
    beyond_the_role = house.grant(NARROW, role=NARROW)
    answer = await house.patch(f"/v1/companies/{companies[0]}", beyond_the_role, {"arr": 1})
    assert (answer.status, answer.pointers) == (403, ["/arr"])
    assert "scope=" not in answer.headers["WWW-Authenticate"]
    made = await house.post("/v1/companies", token, {"name": "New", "arr": 1})
    assert (made.status, made.pointers) == (403, ["/arr"])
    assert 'scope="company:create"' in made.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("action", "method", "path"),
    [
        ("view", "GET", "/v1/companies"), ("view", "GET", "/v1/companies/{id}"),
        ("create", "POST", "/v1/companies"), ("update", "PATCH", "/v1/companies/{id}"),
        ("remove", "DELETE", "/v1/companies/{id}"),
    ],
)  # fmt: skip
async def test_lacking_action_is_403_with_the_scope_that_would_do(house, companies, action, method, path):
    path, body = path.format(id=companies[0]), {"json": {"name": "New"}} if method in {"POST", "PATCH"} else {}
    others = [one for one in ("create", "view", "update", "remove") if one != action]
    answer = await house.ask(method, path, house.grant({"company": others}), **body)
    assert (answer.status, answer.body["code"]) == (403, "insufficient_scope")
    assert f'scope="company:{action}", error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    beyond_the_role = await house.ask(method, path, house.grant({"company": others}, role={"company": others}), **body)
    assert beyond_the_role.status == 403
    assert "scope=" not in beyond_the_role.headers["WWW-Authenticate"]


async def test_right_on_one_model_is_none_on_another(house, companies):
    token = house.grant({"company": ["view"]})
    assert (await house.get("/v1/companies", token)).status == 200
    assert (await house.get("/v1/tasks", token)).status == 403


async def test_company_with_records_stays(house, companies):
    token = house.grant()
    task = (await house.post("/v1/tasks", token, {"title": "Call", "company": companies[0]})).body["id"]
    answer = await house.delete(f"/v1/companies/{companies[0]}", token)
    assert (answer.status, answer.body["code"]) == (409, "in_use")
    assert (await house.delete(f"/v1/tasks/{task}", token)).status == 204
    assert (await house.delete(f"/v1/companies/{companies[0]}", token)).status == 204
    assert (await house.get(f"/v1/companies/{companies[0]}", token)).status == 404


async def test_dead_connection_is_refused_on_the_next_request(house, owners, companies):
    token, other = house.grant(sid="d" * 32), house.grant(sid="e" * 32)
    assert (await house.get("/v1/companies", token)).status == 200
    owners.add(CONNECTION, "d" * 32)

    async def refused():
        return (await house.get("/v1/companies", token)).status == 401

    await eventually(refused)
    assert (await house.get("/v1/companies", other)).status == 200


async def test_rights_that_cannot_be_had_are_503_at_every_door(house, companies):
    token = house.issuer.mint(sub=SAM, tid="a" * 32, prm="f" * 64, aud=[API, MCP])
    one = f"/v1/companies/{companies[0]}"
    for method, path, more in (
        ("GET", "/v1/companies", {}), ("GET", one, {}), ("GET", "/v1/companies/export", {}), ("DELETE", one, {}),
        ("POST", "/v1/companies", {"json": {"name": "New"}}), ("PATCH", one, {"json": {"city": "Rome"}}),
    ):  # fmt: skip
        answer = await house.ask(method, path, token, **more)
        assert (answer.status, answer.body["code"]) == (503, "temporarily_unavailable")
        assert answer.headers["Retry-After"] == "1"
    for question in (house.perform(token, "companies", "list"), house.describe(token)):
        with pytest.raises(PeerUnavailable):
            await question
    assert len((await house.get("/v1/companies", house.grant())).data) == 20
