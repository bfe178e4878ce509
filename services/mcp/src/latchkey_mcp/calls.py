"""What a tool call does: it asks records, with the caller's own access token."""

import json
from typing import Any

import msgspec
import structlog
from mcp.server.context import ServerRequestContext
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent

from latchkey_contracts.requests.records import Described, ModelDescription, RecordsDescribe, RecordsPerform
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_mcp.tools import GET_MODEL_ACTION_PARAMETERS, GET_MODEL_ACTIONS, PERFORM_MODEL_ACTION, TOOLS

log = structlog.get_logger()
STATE = "latchkey"


class Call(msgspec.Struct, kw_only=True):
    """One MCP request: its token, and the HTTP status that must take the place of the tool's answer."""

    access_token: str
    refused: int | None = None
    remedy: str | None = None

    def __repr__(self) -> str:
        return f"Call(refused={self.refused})"


class _Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    model_route: str = ""
    operation: str = ""
    parameters: dict[str, Any] = {}


class Calls:
    """The handlers that the SDK calls."""

    def __init__(self, records: Peer) -> None:
        self._records = records

    async def list_tools(self, _context: Any, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=list(TOOLS))

    async def call_tool(self, context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        request = context.request
        if request is None:
            return _failed(500, "This tool is served over HTTP only.", "")
        call: Call = request.scope["state"][STATE]
        try:
            arguments = msgspec.convert(params.arguments or {}, _Arguments)
        except msgspec.ValidationError as error:
            return _failed(400, f"The arguments are not valid: {error}.", "See the tool's input schema.")
        try:
            return await self._dispatch(params.name, arguments, call)
        except PeerRefused as refused:
            call.refused = refused.problem.status if refused.problem.status == 401 else None
            return _failed(refused.problem.status, refused.problem.title, refused.problem.detail)
        except PeerUnavailable as error:
            log.warning("records_unavailable", reason=str(error))
            return _failed(503, "Temporarily unavailable.", "Please try again shortly.")

    async def _dispatch(self, tool: str, arguments: _Arguments, call: Call) -> CallToolResult:
        if tool == PERFORM_MODEL_ACTION:
            return await self._perform(arguments, call)
        if tool not in (GET_MODEL_ACTIONS, GET_MODEL_ACTION_PARAMETERS):
            names = ", ".join(one.name for one in TOOLS)
            return _failed(404, "There is no such tool.", f"There are: {names}.")
        described = await self._records.ask(RecordsDescribe(access_token=call.access_token))
        return _actions(described) if tool == GET_MODEL_ACTIONS else _parameters(described, arguments)

    async def _perform(self, arguments: _Arguments, call: Call) -> CallToolResult:
        performed = await self._records.ask(
            RecordsPerform(
                access_token=call.access_token,
                model_route=arguments.model_route,
                operation=arguments.operation,
                parameters=arguments.parameters,
            )
        )
        body = json.loads(bytes(performed.body) or b"null")
        if performed.status < 400:
            return CallToolResult(content=[_text(body)], structured_content=_as_object(body))
        if performed.status == 401 or performed.remedy is not None:
            call.refused, call.remedy = performed.status, performed.remedy
        return _failed(performed.status, body.get("title", ""), _advice(body))


def _actions(described: Described) -> CallToolResult:
    models = [
        {
            "model_route": model.model_route,
            "title": model.title,
            "operations": [{"operation": one.name, "title": one.title} for one in model.operations if one.allowed],
        }
        for model in described.models
    ]
    found = {"models": [model for model in models if model["operations"]]}
    return CallToolResult(content=[_text(found)], structured_content=found)


def _parameters(described: Described, arguments: _Arguments) -> CallToolResult:
    model = next((one for one in described.models if one.model_route == arguments.model_route), None)
    if model is None:
        routes = ", ".join(one.model_route for one in described.models)
        return _failed(404, "There is no such model for this connection.", f"Model routes are: {routes}.")
    return _schema_of(model, arguments.operation)


def _schema_of(model: ModelDescription, operation: str) -> CallToolResult:
    found = next((one for one in model.operations if one.name == operation), None)
    if found is None:
        names = ", ".join(one.name for one in model.operations)
        return _failed(404, "That model has no such operation.", f"Its operations are: {names}.")
    answer = {
        "model_route": model.model_route,
        "operation": found.name,
        "allowed": found.allowed,
        "parameters": json.loads(bytes(found.parameters)),
    }
    return CallToolResult(content=[_text(answer)], structured_content=answer)


def _advice(problem: dict[str, Any]) -> str:
    """What to try next, from a problem document."""
    named = [f"{error.get('pointer', '')}: {error.get('message', '')}" for error in problem.get("errors", ())]
    request_id = problem.get("request_id")
    reference = [f"Request id: {request_id}."] if request_id and problem.get("status", 0) >= 500 else []
    return " ".join([problem.get("detail", ""), *named, *reference]).strip()


def _failed(status: int, words: str, advice: str) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(text=f"{status}: {words} {advice}".strip())],
        structured_content={"status": status, "error": words, "next": advice},
        is_error=True,
    )


def _text(value: Any) -> TextContent:
    return TextContent(text=json.dumps(value, ensure_ascii=False))


def _as_object(value: Any) -> dict[str, Any]:
    """Clients of the earlier era want an object."""
    return value if isinstance(value, dict) else {"result": value}
