"""The three tools, as a model reads them."""

from typing import Any, Final

from mcp_types import Tool, ToolAnnotations

GET_MODEL_ACTIONS: Final = "get_model_actions"
GET_MODEL_ACTION_PARAMETERS: Final = "get_model_action_parameters"
PERFORM_MODEL_ACTION: Final = "perform_model_action"

_ROUTE = {"type": "string", "description": "A model route from get_model_actions, such as companies.", "maxLength": 100}
_OPERATION = {"type": "string", "description": "One of the operations of that model, such as list.", "maxLength": 100}


def _schema(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TOOLS: Final = (
    Tool(
        name=GET_MODEL_ACTIONS,
        title="What can be done",
        description=(
            "List the data models of this workspace and the operations that you may use on each, for this user. "
            "Call this first."
        ),
        input_schema=_schema({}, []),
        annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False),
    ),
    Tool(
        name=GET_MODEL_ACTION_PARAMETERS,
        title="How it is asked for",
        description=(
            "Get the JSON Schema of the parameters of one operation on one data model. "
            "Call this before perform_model_action."
        ),
        input_schema=_schema({"model_route": _ROUTE, "operation": _OPERATION}, ["model_route", "operation"]),
        annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False),
    ),
    Tool(
        name=PERFORM_MODEL_ACTION,
        title="Do it",
        description=(
            "Perform one operation on one data model, on behalf of the user. "
            "`parameters` follows the schema from get_model_action_parameters. Removing cannot be undone."
        ),
        input_schema=_schema(
            {
                "model_route": _ROUTE,
                "operation": _OPERATION,
                "parameters": {"type": "object", "description": "As the operation's schema says."},
            },
            ["model_route", "operation"],
        ),
        annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False),
    ),
)
