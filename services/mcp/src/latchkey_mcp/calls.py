"""What a tool call does: it asks records, with the caller's own access token."""

import json
from typing import Any

import msgspec
import structlog
from mcp.server.context import ServerRequestContext
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent

from latchkey_contracts.requests.records import Described, ModelDescription, RecordsDescribe, RecordsPerform
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Document
from latchkey_mcp.tools import GET_MODEL_ACTION_PARAMETERS, GET_MODEL_ACTIONS, PERFORM_MODEL_ACTION, TOOLS

log = structlog.get_logger()
STATE = "latchkey"
_READS = ("list", "get")
_TAKES = "; ".join(f"{one.name}({', '.join(one.input_schema['properties'])})" for one in TOOLS)


class Call(msgspec.Struct, kw_only=True):
    """One MCP request. ``refused`` is for HTTP to tell, in the place of the tool's answer.

    ``remedy`` is the scope that would do; ``committed`` says that something was changed.
    """

    access_token: str
    request_id: str | None = None
    refused: Document | None = None
    remedy: str | None = None
    committed: bool = False

    def __repr__(self) -> str:
        return f"Call(refused={self.refused})"


class _Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    model_route: str = ""
    operation: str = ""
    parameters: dict[str, Any] | None = None


class Calls:
    """The handlers that the SDK calls."""

    def __init__(self, records: Peer) -> None:
        self._records = records

    async def list_tools(self, _context: Any, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=list(TOOLS))

    async def call_tool(self, context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        request = context.request
        if request is None:
            raise RuntimeError("the tools are served over HTTP only")
        call: Call = request.scope["state"][STATE]
        try:
            arguments = msgspec.convert(params.arguments or {}, _Arguments)
        except msgspec.ValidationError as error:
            return _failed(400, f"The arguments are not valid: {error}.", f"Arguments: {_TAKES}.")
        try:
            return await self._dispatch(params.name, arguments, call)
        except PeerRefused as refused:
            return _refused(refused.problem, None, call)
        except PeerUnavailable as error:
            log.warning("records_unavailable", reason=str(error))
            return _unanswered(error.problem)
        except (UnicodeEncodeError, RecursionError):
            return _failed(400, "The arguments cannot be passed on: they are too deep, or hold half a character.")
        except Exception:  # told as a tool's result: the SDK would answer with a bare JSON-RPC error
            log.exception("unexpected_error")
            return _failed(500, "Something went wrong on our side.", f"Request id: {call.request_id}.")

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
                parameters=arguments.parameters or {},
            )
        )
        if performed.status >= 400:
            return _refused(msgspec.json.decode(performed.body, type=Document), performed.remedy, call)
        call.committed = arguments.operation not in _READS
        return _answered(json.loads(bytes(performed.body)))


def _refused(problem: Document, remedy: str | None, call: Call) -> CallToolResult:
    if problem.status == 401 or remedy is not None:
        call.refused, call.remedy = problem, remedy
    return _failed(problem.status, problem.title, _advice(problem))


def _unanswered(problem: Document | None) -> CallToolResult:
    """A fault in records stays one, with the id that it is logged under; all else passes by itself."""
    if problem is not None and problem.status == 500:
        return _failed(problem.status, problem.title, _advice(problem))
    return _failed(503, "Temporarily unavailable.", "Please try again shortly.")


def _actions(described: Described) -> CallToolResult:
    models = [
        {
            "model_route": model.model_route,
            "title": model.title,
            "operations": [{"operation": one.name, "title": one.title} for one in model.operations if one.allowed],
        }
        for model in described.models
    ]
    return _answered({"models": [model for model in models if model["operations"]]})


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
    return _answered(
        {
            "model_route": model.model_route,
            "operation": found.name,
            "allowed": found.allowed,
            "parameters": json.loads(bytes(found.parameters)),
        }
    )


def _advice(problem: Document) -> str:
    """What to try next."""
    named = [f"{error.pointer}: {error.message}" for error in problem.errors]
    reference = [f"Request id: {problem.request_id}."] if problem.request_id and problem.status >= 500 else []
    look = ["Check the id, or call get_model_actions."] if problem.status == 404 else []
    return " ".join([problem.detail, *named, *look, *reference]).strip()


def _answered(found: dict[str, Any]) -> CallToolResult:
    """As text, too, for clients that read nothing else; always an object, which all eras take."""
    return CallToolResult(content=[TextContent(text=json.dumps(found, ensure_ascii=False))], structured_content=found)


def _failed(status: int, words: str, advice: str = "") -> CallToolResult:
    return CallToolResult(
        content=[TextContent(text=f"{status}: {words} {advice}".strip())],
        structured_content={"status": status, "error": words, "next": advice},
        is_error=True,
    )
