"""JSON Schema (2020-12) of each operation's parameters, worded for AI models and narrowed to what may be touched."""

from typing import Any, Final

from latchkey_policy.permissions import PermissionSet
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.parameters import MOST, NEEDS, USUAL, Operation, touchable
from latchkey_records.domain.values import LARGEST

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = "^[0-9a-f]{32}$"
_ID_OR_ME: Final = "^([0-9a-f]{32}|me)$"
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "number": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "user": {"type": "string", "pattern": _ID_OR_ME},
    "company": {"type": "string", "pattern": _ID},
}
_HINTS: Final = {
    "user": 'The id of a user; "me" stands for the user whom this connection works for.',
    "company": "The id of a company, from the model route companies.",
}


def title(kind: Kind, operation: Operation) -> str:
    """Name an operation for people, as in `List companies`."""
    one = kind.title.lower()
    return {
        "list": f"List {kind.plural}",
        "get": f"Get one {one} by id",
        "create": f"Create one {one}",
        "update": f"Change one {one}",
        "remove": f"Remove one {one}",
    }[operation]


def parameters(kind: Kind, operation: Operation, permissions: PermissionSet) -> dict[str, Any]:
    """Describe the parameters of an operation, with the fields that these permissions let it touch."""
    properties, required = _PROPERTIES[operation](kind, permissions)
    return {
        "$schema": DIALECT,
        "title": title(kind, operation),
        "description": _description(kind, operation, permissions),
        **_object(properties, required),
    }


def _description(kind: Kind, operation: Operation, permissions: PermissionSet) -> str:
    match operation:
        case "list":
            shown = ", ".join(["id", *(field.name for field in touchable(kind, "view", permissions))])
            return (
                f"Lists {kind.plural}, a page at a time, in the order of their ids. Each has: {shown}. "
                "When next_cursor is not null there are more: ask again with it as cursor."
            )
        case "get":
            return f"Gets one {kind.title.lower()} with all fields that may be seen."
        case "create":
            return f"Creates one {kind.title.lower()} and answers with it."
        case "update":
            return "Changes the fields that are named; all others stay as they are."
        case "remove":
            return f"Removes one {kind.title.lower()} for good."


def _list(kind: Kind, permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    fields = {field.name: _field(field, null=False) for field in touchable(kind, "view", permissions)}
    words = f"Only {kind.plural} of which every named field has just this value."
    if any(field.type == "user" for field in touchable(kind, "view", permissions)):
        words += ' For a field that holds a user, "me" finds those of the user whom this connection works for.'
    paging = {
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL, "description": "Most in a page."},
        "cursor": {"type": "string", "pattern": _ID, "description": "next_cursor of the page before."},
    }
    return {"filter": {"description": words, **_object(fields, [])}, **paging}, []


def _by_id(kind: Kind, _permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    return {"id": {"type": "string", "pattern": _ID, "description": f"The id of the {kind.title.lower()}."}}, ["id"]


def _create(kind: Kind, permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    required = [field.name for field in kind.fields if field.required]
    fields = {field.name: _field(field, null=field.nullable) for field in touchable(kind, "create", permissions)}
    words = f"The fields of the new {kind.title.lower()}."
    return {"values": {"description": words, **_object(fields, required)}}, ["values"]


def _update(kind: Kind, permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    by_id, _ = _by_id(kind, permissions)
    fields = {field.name: _field(field, null=field.nullable) for field in touchable(kind, "update", permissions)}
    values = {"description": "The new values, by field; null empties a field.", **_object(fields, [])}
    return {**by_id, "values": values}, ["id", "values"]


_PROPERTIES: Final = {"list": _list, "get": _by_id, "create": _create, "update": _update, "remove": _by_id}
OPERATIONS: Final[tuple[Operation, ...]] = tuple(NEEDS)


def _field(field: Field, *, null: bool) -> dict[str, Any]:
    schema = dict(_TYPES[field.type])
    if field.type in {"text", "email"}:
        schema["maxLength"] = field.longest
    if null:
        schema["type"] = [schema["type"], "null"]
    words = (f"{field.title}.", field.about, _HINTS.get(field.type, ""))
    return {**schema, "title": field.title, "description": " ".join(filter(None, words))}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
