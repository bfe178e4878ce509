"""JSON Schemas as rows of a table, and as an example."""

from typing import Any

import msgspec

_DEEPEST = 3
_EXAMPLES: dict[str, Any] = {
    "string": "…",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One member of an object, or one parameter."""

    name: str
    kind: str
    required: bool
    about: str


def rows(schema: dict[str, Any], document: dict[str, Any], before: str = "", depth: int = 0) -> tuple[Row, ...]:
    """The members of an object, those of its objects behind their names: ``data[].id``."""
    own = resolved(schema, document)
    if own.get("type") == "array":
        return rows(own.get("items", {}), document, f"{before}[]", depth + 1)
    found: list[Row] = []
    for name, member in own.get("properties", {}).items():
        full = f"{before}.{name}".lstrip(".")
        inner = resolved(member, document)
        about = inner.get("description") or _allowed(inner)
        found.append(Row(name=full, kind=_kind(inner, document), required=name in own.get("required", ()), about=about))
        if depth < _DEEPEST:
            found += rows(inner, document, full, depth + 1)
    return tuple(found)


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """What is required of an object, or its first member."""
    own = resolved(schema, document)
    if "enum" in own:
        return own["enum"][0]
    if "properties" in own:
        names = own.get("required") or list(own["properties"])[:1]
        return {name: example(own["properties"][name], document) for name in names}
    if own.get("type") == "array":
        return [example(own["items"], document)] if own.get("items") else []
    kind = own.get("type")
    return own.get("default") or _EXAMPLES.get(kind[0] if isinstance(kind, list) else str(kind))


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow references; of alternatives, the first that is not null."""
    if "$ref" in schema:
        return resolved(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return resolved(one, document)
    return schema


def _kind(schema: dict[str, Any], document: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        return f"array of {_kind(resolved(schema.get('items', {}), document), document) or 'values'}"
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _allowed(schema: dict[str, Any]) -> str:
    return ", ".join(map(str, schema["enum"])) if "enum" in schema else ""
