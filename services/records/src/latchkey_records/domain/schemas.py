"""JSON Schema (2020-12) of each operation's parameters, worded for AI models and narrowed to what may be touched."""

from typing import Any, Final

from latchkey_policy.permissions import PermissionSet
from latchkey_records.domain.conditions import COMPARISONS
from latchkey_records.domain.cursor import LONGEST
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.order import MOST_KEYS, sortable
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
                f"Lists {kind.plural}, a page at a time, in the order of their ids unless sorted. Each has: {shown}. "
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
    visible = touchable(kind, "view", permissions)
    filters = {field.name: _condition(field) for field in visible}
    words = f"Only {kind.plural} of which every named field has just this value, or compares like that."
    if any(field.type == "user" for field in visible):
        words += ' For a field that holds a user, "me" finds those of the user whom this connection works for.'
    properties = {
        "filter": {"description": words, **_object(filters, [])},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL, "description": "Most in a page."},
        "cursor": {"type": "string", "maxLength": LONGEST, "description": "next_cursor of the page before."},
    }
    if orders := [sign + field.name for field in visible if sortable(field) for sign in ("", "-")]:
        words = "Fields to sort by, the first before the others; with a minus from high to low. Empty values come last."
        words += " Say the same for every page."
        properties["sort"] = {"type": "array", "items": {"enum": orders}, "maxItems": MOST_KEYS, "description": words}
    return properties, []


def _condition(field: Field) -> dict[str, Any]:
    """Describe an equal value, or an object of comparisons where there are some."""
    described = _field(field, null=False)
    if field.type not in COMPARISONS:
        return described
    words = {name: described.pop(name) for name in ("title", "description")}
    described.pop("minimum", None), described.pop("maximum", None)
    compared = {"eq": described} | dict.fromkeys(COMPARISONS[field.type], described)
    if "prefix" in compared:
        compared["prefix"] = {"type": "string", "minLength": 1, "maxLength": field.longest}
    return {"anyOf": [described, {**_object(compared, []), "minProperties": 1}], **words}


def _by_id(kind: Kind, _permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    return {"id": {"type": "string", "pattern": _ID, "description": f"The id of the {kind.title.lower()}."}}, ["id"]


def _create(kind: Kind, permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    required = [field.name for field in kind.fields if field.required]
    words = f"The fields of the new {kind.title.lower()}."
    return {"values": {"description": words, **_values(touchable(kind, "create", permissions), required)}}, ["values"]


def _update(kind: Kind, permissions: PermissionSet) -> tuple[dict[str, Any], list[str]]:
    by_id, _ = _by_id(kind, permissions)
    words = "The new values, by field; null empties a field."
    values = {"description": words, **_values(touchable(kind, "update", permissions), [])}
    return {**by_id, "values": values}, ["id", "values"]


def _values(fields: tuple[Field, ...], required: list[str]) -> dict[str, Any]:
    """Describe an object of values, with objects in it for what is nested."""
    found = _object({}, required)
    for field in fields:
        *parents, leaf = field.path
        into = found
        for parent in parents:
            into = into["properties"].setdefault(parent, _object({}, []))
        into["properties"][leaf] = _field(field, null=field.nullable)
    return found


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
