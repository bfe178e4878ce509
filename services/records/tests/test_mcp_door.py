"""The door for the MCP server: its own audience, the same core, schemas for AI models."""

import asyncpg
import jsonschema
import msgspec
import pytest

from latchkey_contracts.requests.records import RecordsDescribe, RecordsPerform
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.telemetry import facts
from latchkey_kit.testing.services import ORIGIN

API, MCP = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"
SAM, CARLY = "5" * 32, "6" * 32


async def test_each_door_takes_its_own_audience_only(house, companies):
    rest, mcp = house.grant(aud=API), house.grant(aud=MCP)
    assert (await house.get("/v1/companies", rest)).status == 200
    assert (await house.perform(mcp, "companies", "list")).status == 200
    refused = await house.get("/v1/companies", mcp)
    assert (refused.status, refused.body["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    performed = await house.perform(rest, "companies", "list")
    assert (performed.status, performed.body["code"], performed.remedy) == (401, "invalid_token", None)


@pytest.mark.parametrize("bad", ["noise", "", "rest", "expired"])
async def test_bad_token_is_401_inside_the_answer_and_of_the_description(house, bad):
    token = {"rest": house.grant(aud=API), "expired": house.grant(iat=1, exp=2)}.get(bad, bad)
    assert (await house.perform(token, "companies", "list")).status == 401
    with pytest.raises(PeerRefused) as raised:
        await house.describe(token)
    assert raised.value.problem.status == 401


async def test_fault_of_ours_is_told_under_the_id_of_the_request(house, companies):
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    await connection.execute("ALTER TABLE company RENAME TO elsewhere")
    await connection.close()
    token = facts.enter(facts.RequestFacts(request_id="request-42"))
    with pytest.raises(PeerUnavailable) as unavailable:
        await house.perform(house.grant(), "companies", "list")
    facts.leave(token)
    assert (unavailable.value.problem.status, unavailable.value.problem.request_id) == (500, "request-42")


@pytest.mark.parametrize("caller", ["operator", "edge", "token"])
async def test_only_the_mcp_server_may_ask(house, caller):
    for question in (
        RecordsPerform(access_token=house.grant(), model_route="companies", operation="list", parameters={}),
        RecordsDescribe(access_token=house.grant()),
    ):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await house.peer(caller).ask(question)


async def test_both_doors_answer_the_same(house, companies):
    token = house.grant(portfolio="own")
    cursor = (await house.get("/v1/companies", token, limit="2")).body["next_cursor"]
    for params in ({}, {"limit": 2}, {"limit": 2, "cursor": cursor}):
        over_rest = await house.get("/v1/companies", token, **{name: str(value) for name, value in params.items()})
        assert (await house.perform(token, "companies", "list", **params)).body == over_rest.body
    for company in (companies[0], companies[1]):
        over_rest = await house.get(f"/v1/companies/{company}", token)
        performed = await house.perform(token, "companies", "get", id=company)
        over_rest.body.pop("request_id", None), performed.body.pop("request_id", None)
        assert (performed.status, performed.body) == (over_rest.status, over_rest.body)


async def test_assistant_finds_the_companies_that_its_user_owns(house, companies):
    answer = await house.perform(house.grant(), "companies", "list", filter={"owner": "me", "city": "Oslo"})
    assert [record["id"] for record in answer.body["data"]] == companies[::4]


async def test_record_lives_and_dies_through_mcp(house, companies):
    token = house.grant()
    made = await house.perform(token, "tasks", "create", values={"title": "Call", "company": companies[0]})
    assert (made.status, made.body["done"]) == (201, False)
    record = made.body["id"]
    changed = await house.perform(token, "tasks", "update", id=record, values={"done": True, "assignee": "me"})
    assert (changed.status, changed.body) == (200, made.body | {"done": True, "assignee": SAM})
    removed = await house.perform(token, "tasks", "remove", id=record)
    assert (removed.status, removed.body) == (204, {"id": record, "removed": True})
    assert (await house.perform(token, "tasks", "get", id=record)).status == 404


async def test_lacking_right_carries_its_remedy_only_if_one_would_help(house, companies):
    view = {"company": ["view"]}
    parameters = {"id": companies[0], "values": {"city": "Rome"}}
    helped = await house.perform(house.grant(view), "companies", "update", **parameters)
    assert (helped.status, helped.remedy) == (403, "company:update")
    helpless = await house.perform(house.grant(view, role=view), "companies", "update", **parameters)
    assert (helpless.status, helpless.remedy) == (403, None)
    some = {"company": {"update": ["name"]}}
    field = await house.perform(house.grant(some), "companies", "update", **parameters)
    assert (field.status, field.remedy, field.body["errors"][0]["pointer"]) == (
        403, "company.city:update", "/values/city",
    )  # fmt: skip


@pytest.mark.parametrize(("route", "operation"), [("nothing", "list"), ("companies", "export"), ("company", "list")])
async def test_unknown_model_and_operation_are_404(house, route, operation):
    assert (await house.perform(house.grant(), route, operation)).status == 404


BAD_PARAMETERS = [
    ("list", {"sort": "name"}, "/sort"), ("list", {"filter": []}, "/filter"),
    ("list", {"filter": {"nope": 1}}, "/filter/nope"), ("list", {"filter": {"a/b~": 1}}, "/filter/a~1b~0"),
    ("list", {"filter": {"owner": "Sam"}}, "/filter/owner"), ("list", {"filter": {"owner": None}}, "/filter/owner"),
    ("list", {"filter": {"arr": True}}, "/filter/arr"), ("list", {"limit": 0}, "/limit"),
    ("list", {"filter": {"arr": {}}}, "/filter/arr"), ("list", {"filter": {"arr": {"gte": None}}}, "/filter/arr/gte"),
    ("list", {"filter": {"arr": {"prefix": "5"}}}, "/filter/arr/prefix"),
    ("list", {"filter": {"address": {"city": "Oslo"}}}, "/filter/address"),
    ("list", {"filter": {"name": {"prefix": ""}}}, "/filter/name/prefix"),
    ("list", {"sort": ["name", "nope"]}, "/sort/1"), ("list", {"sort": [5]}, "/sort/0"),
    ("list", {"sort": ["name", "-name"]}, "/sort/1"), ("list", {"sort": ["description"]}, "/sort/0"),
    ("list", {"sort": ["name", "arr", "city", "phase"]}, "/sort"),
    ("create", {"values": {"name": "New", "address": {"town": "Oslo"}}}, "/values/address/town"),
    ("create", {"values": {"name": "New", "address": {"city": 5}}}, "/values/address/city"),
    ("create", {"values": {"name": "New", "address": "Oslo"}}, "/values/address"),
    ("create", {"values": {"name": "New", "address.city": "Oslo"}}, "/values/address.city"),
    ("list", {"limit": True}, "/limit"), ("list", {"limit": "5"}, "/limit"), ("list", {"cursor": 5}, "/cursor"),
    ("get", {}, "/id"), ("get", {"id": 5}, "/id"), ("create", {}, "/values"), ("create", {"values": 1}, "/values"),
    ("create", {"values": {}}, "/values/name"), ("update", {"values": {}}, "/id"),
]  # fmt: skip


async def test_bad_parameters_are_named(house):
    token = house.grant()
    for operation, parameters, pointer in BAD_PARAMETERS:
        answer = await house.perform(token, "companies", operation, **parameters)
        named = [error["pointer"] for error in answer.body["errors"]]
        assert (operation, parameters, answer.status, named) == (operation, parameters, 400, [pointer])


async def test_description_holds_what_this_connection_can_do(house):
    some = {"company": {"view": ["name", "owner"], "update": ["name"]}, "task": ["create"]}
    described = await house.describe(house.grant(some))
    assert sorted(described) == ["companies", "tasks"]
    allowed = {route: {name for name, one in found.items() if one.allowed} for route, found in described.items()}
    assert allowed == {"companies": {"list", "get", "update"}, "tasks": {"create"}}
    companies = {name: properties_of(one) for name, one in described["companies"].items()}
    assert set(companies["list"]["filter"]["properties"]) == {"name", "owner"}
    assert set(companies["update"]["values"]["properties"]) == {"name"}
    assert "city" in companies["create"]["values"]["properties"], "as it would be after a wider authorization"
    assert "open_tasks" not in companies["create"]["values"]["properties"]
    assert '"me"' in companies["list"]["filter"]["properties"]["owner"]["description"]


async def test_description_names_no_field_that_is_out_of_reach(house):
    some = {"company": {"view": ["name", "address.city"], "update": ["address.city"], "remove": "*"}}
    described = await house.describe(house.grant(some, role=some))
    companies = {name: properties_of(one) for name, one in described["companies"].items()}
    assert companies["list"]["sort"]["items"]["enum"] == ["name", "-name", "address.city", "-address.city"]
    assert set(companies["list"]["filter"]["properties"]) == {"name", "address.city"}
    assert companies["update"]["values"]["properties"]["address"]["properties"].keys() == {"city"}
    assert companies["create"]["values"]["properties"] == {}, "no authorization of this user would do"
    said = str([schema_of(one) for one in described["companies"].values()])
    assert not any(hidden in said for hidden in ("'arr'", "'owner'", "street", "open_tasks"))


async def test_hidden_field_sounds_like_one_that_does_not_exist(house, companies):
    token = house.grant({"company": {"view": ["name"]}})
    for parameters in (
        {"filter": {"?": 5}}, {"filter": {"?": {"gte": 5}}}, {"filter": {"?": {"x": 5}}},
        {"sort": ["?"]}, {"sort": ["-?"]},
    ):  # fmt: skip
        said = []
        for name in ("arr", "xrr"):
            asked = msgspec.json.decode(msgspec.json.encode(parameters).replace(b"?", name.encode()))
            answer = await house.perform(token, "companies", "list", **asked)
            answer.body.pop("request_id")
            said.append((answer.status, str(answer.body).replace(name, "?")))
        assert said[0] == said[1]
        assert said[0][0] == 400


async def test_lists_through_mcp_are_compared_and_sorted(house, companies):
    await house.patch(f"/v1/companies/{companies[3]}", house.grant(), {"arr": 7, "address": {"city": "Bonn"}})
    token = house.grant(portfolio="listed", listed=companies[2:5])
    answer = await house.perform(token, "companies", "list", sort=["-arr", "-name"], limit=2)
    assert [record["id"] for record in answer.body["data"]] == [companies[3], companies[4]]
    cursor = answer.body["next_cursor"]
    rest = await house.perform(token, "companies", "list", sort=["-arr", "-name"], limit=2, cursor=cursor)
    assert [record["id"] for record in rest.body["data"]] == [companies[2]]
    wanted = {"arr": {"gte": 7, "lt": 8}, "address.city": {"prefix": "B"}}
    found = await house.perform(token, "companies", "list", filter=wanted)
    assert [record["address"]["city"] for record in found.body["data"]] == ["Bonn"]


async def test_export_is_told_to_be_a_file(house):
    answer = await house.perform(house.grant(), "companies", "export")
    assert (answer.status, answer.body["detail"].endswith("GET /v1/companies/export.")) == (404, True)


async def test_schemas_are_valid_and_agree_with_what_is_taken(house, companies):
    token = house.grant()
    described = await house.describe(token)
    for found in described.values():
        for one in found.values():
            jsonschema.Draft202012Validator.check_schema(schema_of(one))
    good = {
        "list": {
            "filter": {"owner": "me", "open_tasks": 0, "arr": {"gte": 0, "lt": 5}, "address.city": {"prefix": "O"}},
            "sort": ["-arr", "address.city"],
            "limit": 3,
        },
        "get": {"id": companies[0]},
        "create": {"values": {"name": "New", "owner": CARLY, "arr": 5, "address": {"city": None}}},
        "update": {"id": companies[0], "values": {"owner": "me", "description": None}},
        "remove": {"id": companies[0]},
    }
    bad = {
        "list": {"sort": ["arr", "description"]},
        "get": {},
        "create": {"values": {"city": "Rome"}},
        "update": {"id": companies[0], "values": {"name": None}},
        "remove": {"ids": [companies[0]]},
    }
    for operation, parameters in good.items():
        jsonschema.validate(parameters, schema_of(described["companies"][operation]))
        assert (await house.perform(token, "companies", operation, **parameters)).status < 300
    for operation, parameters in bad.items():
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(parameters, schema_of(described["companies"][operation]))
        assert (await house.perform(token, "companies", operation, **parameters)).status == 400


def schema_of(operation):
    return msgspec.json.decode(operation.parameters)


def properties_of(operation):
    return schema_of(operation)["properties"]
