"""Operations of the data models, whose schemas come from the catalogue rather than from structs."""

from typing import Any, Final

from latchkey_local.api_docs.operations import Operation
from latchkey_policy.permissions import everything
from latchkey_records.domain import schemas
from latchkey_records.domain.catalogue import BY_ROUTE, CATALOGUE
from latchkey_records.domain.parameters import Operation as Word

_ALL: Final = everything(CATALOGUE)
_WORDS: Final[dict[str, Word]] = {
    "Rest.list": "list", "Rest.get": "get", "Rest.create": "create", "Rest.update": "update", "Rest.remove": "remove",
}  # fmt: skip
_PROBLEM = {
    "description": "A problem.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Document"}}},
}


def operation_of(one: Operation, tag: str) -> dict[str, Any]:
    kind = BY_ROUTE[tag]
    name = one.name.partition(".")[2] or one.name.lower()
    described: dict[str, Any] = {"operationId": f"{tag}_{name}", "tags": [tag], "parameters": []}
    if one.name not in _WORDS:
        described["summary"] = f"Export {kind.plural} as CSV or NDJSON"
        content = {"text/csv": {"schema": {"type": "string"}}, "application/x-ndjson": {"schema": {"type": "string"}}}
        return described | {"responses": {"200": {"description": "A stream.", "content": content}, "default": _PROBLEM}}
    word = _WORDS[one.name]
    described["summary"] = schemas.title(kind, word)
    taken = schemas.parameters(kind, word, _ALL)["properties"]
    if "id" in taken:
        described["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": taken["id"]}]
    if word == "list":
        described["parameters"] = [
            {"name": name, "in": "query", "required": False, "schema": taken[name]} for name in ("limit", "cursor")
        ]
    if "values" in taken:
        described["requestBody"] = {"content": {"application/json": {"schema": taken["values"]}}, "required": True}
    status = {"create": "201", "remove": "204"}.get(word, "200")
    answer: dict[str, Any] = {"description": "What there is now." if status != "204" else "Done."}
    if status != "204":
        answer["content"] = {"application/json": {"schema": {"type": "object"}}}
    return described | {"responses": {status: answer, "default": _PROBLEM}}
