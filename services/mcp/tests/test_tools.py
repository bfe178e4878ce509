"""What an assistant hears from the tools."""

import json

from latchkey_kit.testing.services import ORIGIN
from latchkey_verify.testing import CONNECTION_ID

ROUTE = {"model_route": "companies", "operation": "list"}


def problem(status, title, detail="", **more):
    return {"status": status, "title": title, "code": "some_code", "detail": detail, **more}


async def test_both_eras_find_the_three_tools_and_how_to_use_them(connect):
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["get_model_actions", "get_model_action_parameters", "perform_model_action"]
        assert tools["perform_model_action"].input_schema["required"] == ["model_route", "operation"]
        assert tools["get_model_actions"].annotations.read_only_hint
        assert tools["perform_model_action"].annotations.destructive_hint
        assert "get_model_actions" in client.instructions


async def test_actions_are_only_those_that_are_allowed(connect):
    async with connect() as client:
        result = await client.call_tool("get_model_actions", {})
    found = {
        "models": [
            {"model_route": "companies", "title": "Companies", "operations": [{"operation": "list", "title": "List"}]}
        ]
    }
    assert result.structured_content == found
    assert json.loads(result.content[0].text) == found


async def test_parameters_of_an_operation_come_as_a_schema(connect):
    async with connect() as client:
        result = await client.call_tool("get_model_action_parameters", ROUTE)
    assert result.structured_content["allowed"] is True
    assert result.structured_content["parameters"]["properties"] == {"limit": {"type": "integer"}}


async def test_unknown_names_are_answered_with_those_that_there_are(connect):
    cases = (
        ("assets", "list", "Model routes are: companies."),
        ("companies", "explode", "operations are: list, remove."),
    )
    async with connect() as client:
        for route, operation, words in cases:
            asked = {"model_route": route, "operation": operation}
            result = await client.call_tool("get_model_action_parameters", asked)
            assert result.is_error
            assert result.content[0].text.startswith("404: ")
            assert words in result.content[0].text


async def test_operation_reaches_records_with_the_callers_own_token(connect, records):
    async with connect() as client:
        result = await client.call_tool("perform_model_action", {**ROUTE, "parameters": {"limit": 5}})
    assert not result.is_error
    assert result.structured_content == records.body
    assert "Größe" in result.content[0].text
    (asked,) = records.asked
    assert (asked.model_route, asked.operation, asked.parameters) == ("companies", "list", {"limit": 5})
    assert asked.access_token.count(".") == 2


async def test_refusal_that_no_authorization_cures_is_a_tool_result(connect, records):
    records.status, records.body = 403, problem(403, "The access token does not hold the right.", "Ask an admin.")
    async with connect() as client:
        result = await client.call_tool("perform_model_action", ROUTE)
    assert result.is_error
    assert result.content[0].text == "403: The access token does not hold the right. Ask an admin."


async def test_arguments_that_no_tool_takes_are_answered_with_those_that_each_takes(connect):
    async with connect() as client:
        result = await client.call_tool("perform_model_action", {"model": "companies"})
    assert result.is_error
    assert "`model`" in result.content[0].text
    assert "perform_model_action(model_route, operation, parameters)" in result.content[0].text


async def test_bad_parameters_are_named(connect, records):
    errors = [{"pointer": "/limit", "message": "Expected a number."}]
    records.status, records.body = 400, problem(400, "The request is not valid.", "See:", errors=errors)
    async with connect() as client:
        result = await client.call_tool("perform_model_action", ROUTE)
    assert result.structured_content == {
        "status": 400, "error": "The request is not valid.", "next": "See: /limit: Expected a number.",
    }  # fmt: skip


async def test_fault_of_ours_comes_with_a_request_id(connect, records):
    records.status, records.body = 500, problem(500, "Something went wrong on our side.", request_id="abc12345")
    async with connect() as client:
        result = await client.call_tool("perform_model_action", ROUTE)
    assert result.content[0].text == "500: Something went wrong on our side. Request id: abc12345."


async def test_records_failing_is_our_fault_with_a_request_id_and_no_passing_trouble(connect, records):
    records.broken = problem(500, "Something went wrong on our side.", request_id="abc12345")
    async with connect() as client:
        for tool, arguments in (("get_model_actions", {}), ("perform_model_action", ROUTE)):
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert result.content[0].text == "500: Something went wrong on our side. Request id: abc12345."


async def test_records_without_its_database_is_passing_trouble(connect, records):
    records.broken = problem(503, "Temporarily unavailable.", request_id="abc12345")
    async with connect() as client:
        result = await client.call_tool("perform_model_action", ROUTE)
    assert result.content[0].text == "503: Temporarily unavailable. Please try again shortly."


async def test_failing_ourselves_is_told_with_the_request_id(send, records):
    records.status, records.body = 400, ["no problem document, which records never answers"]
    answer = await send(call(), X_Request_Id="request-42")
    result = (await answer.json(content_type=None))["result"]
    assert result["isError"]
    assert result["content"][0]["text"] == "500: Something went wrong on our side. Request id: request-42."


async def test_records_away_is_told_as_passing_trouble(connect, records):
    records.gone = True
    async with connect() as client:
        for tool, arguments in (("get_model_actions", {}), ("perform_model_action", ROUTE)):
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert result.content[0].text == "503: Temporarily unavailable. Please try again shortly."


async def test_malformed_arguments_are_explained(connect, records):
    malformed = ({"model_route": 5}, {"parameters": "{}"}, {"parameters": []}, {"surprise": 1}, {"model_route": None})
    async with connect() as client:
        for arguments in malformed:
            result = await client.call_tool("perform_model_action", arguments)
            assert result.is_error
            assert result.content[0].text.startswith("400: The arguments "), arguments
    assert not records.asked


async def test_parameters_may_be_null(connect, records):
    async with connect() as client:
        result = await client.call_tool("perform_model_action", {**ROUTE, "parameters": None})
    assert not result.is_error
    assert records.asked[0].parameters == {}


async def test_unknown_tool_is_answered_with_those_that_there_are(connect):
    async with connect() as client:
        result = await client.call_tool("drop_tables", {})
    assert result.is_error
    assert result.content[0].text.startswith("404: There is no such tool.")


def call(**arguments):
    params = {"name": "perform_model_action", "arguments": {**ROUTE, **arguments}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


async def test_right_that_the_user_could_grant_is_asked_for_by_http(send, records):
    records.status, records.remedy = 403, "company:remove"
    records.body = problem(403, "The access token does not hold the right.", code="insufficient_scope")
    answer = await send(call())
    assert answer.status == 403
    metadata = f"{ORIGIN}/.well-known/oauth-protected-resource/v1/mcp"
    assert answer.headers["WWW-Authenticate"].startswith(
        f'Bearer resource_metadata="{metadata}", scope="company:remove", error="insufficient_scope"'
    )
    assert (await answer.json(content_type=None))["code"] == "insufficient_scope"


async def test_token_that_records_refuses_is_refused_by_http(send, records):
    records.status, records.body = 401, problem(401, "The access token is invalid, expired or revoked.")
    answer = await send(call())
    assert answer.status == 401
    assert 'scope="inclusive", error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_answer_is_kept_back_when_the_token_died_meanwhile(send, records, owners):
    async def kill():
        owners.kill(CONNECTION_ID)
        await owners.asked_again("/feed")

    records.before_answer = kill
    answer = await send(call())
    assert answer.status == 401
    assert "Größe" not in await answer.text()


async def test_what_was_done_is_told_though_the_token_died_meanwhile(send, records, owners):
    async def kill():
        owners.kill(CONNECTION_ID)
        await owners.asked_again("/feed")

    records.before_answer = kill
    records.status, records.body = 201, {"id": "1"}
    answer = await send(call(operation="create"))
    assert answer.status == 200
