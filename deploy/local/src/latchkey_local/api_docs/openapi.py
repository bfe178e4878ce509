"""The document: OpenAPI 3.1, whose schemas are JSON Schema 2020-12 as msgspec writes it."""

import json
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import msgspec

from latchkey_kit.web.problems import Document
from latchkey_local.api_docs.answers import ANSWERS, LISTS
from latchkey_local.api_docs.operations import Operation, operations, parameters_in
from latchkey_local.api_docs.records import operation_of as record_operation
from latchkey_permissions.domain.management import MODELS
from latchkey_records.domain.catalogue import BY_ROUTE

_REF = "#/components/schemas/{name}"
_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_TITLES = {model.route: model.plural for model in MODELS} | {kind.route: kind.plural for kind in BY_ROUTE.values()}
_INFO = {
    "title": "Latchkey",
    "description": (
        "The management API and the reference data models. Every request carries an access token for this API"
        " (`Authorization: Bearer …`); it may do what was granted, within the app's permissions and the user's role."
        " Errors are problem details (RFC 9457); lists are pages."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An access token of this installation (RFC 6750)."}
}


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    found = list(operations())
    schemas = _schemas(found)
    paths: dict[str, Any] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    tags = sorted({_tag(one) for one in found})
    return {
        "openapi": "3.1.0",
        "info": {**_INFO, "version": metadata.version("latchkey-contracts")},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag, "description": _TITLES.get(tag, tag).capitalize() + "."} for tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.named.items())), "securitySchemes": _SECURITY},
    }


class _Schemas(msgspec.Struct, frozen=True):
    """``of``: where a type is, by the type; ``named``: all by name."""

    of: dict[int, dict[str, Any]]
    named: dict[str, Any]


def _schemas(found: list[Operation]) -> _Schemas:
    """Names are those of the classes; one that begins with an underscore gets its handler's before it."""
    types: dict[int, Any] = {id(Document): Document}
    names: dict[int, str] = {}
    for one in found:
        for kind in (one.body, ANSWERS[one.name][1] if one.name in ANSWERS else None):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                types[id(kind)] = kind
                names[id(kind)] = _name_of(kind, one)
    of: dict[int, dict[str, Any]] = {}
    named: dict[str, Any] = {}
    for key, kind in types.items():
        name = names.get(key, kind.__name__)
        _, made = msgspec.json.schema_components([kind], ref_template=_REF)
        own = made.pop(kind.__name__)
        named |= {name: {**own, "title": name}, **made}
        of[key] = {"$ref": _REF.format(name=name)}
    return _Schemas(of, named)


def _name_of(kind: type, one: Operation) -> str:
    name = kind.__name__
    return one.name.partition(".")[0] + name.removeprefix("_") if name.startswith("_") else name


def _operation(one: Operation, schemas: _Schemas) -> dict[str, Any]:
    if one.service == "records":
        return record_operation(one, _tag(one))
    described: dict[str, Any] = {
        "operationId": one.name.replace(".", "_"),
        "tags": [_tag(one)],
        "summary": ANSWERS[one.name][2],
        "description": one.description,
        "parameters": [*_in_path(one), *_in_query(one)],
        "responses": {**_answer(one, schemas), "default": _problem(schemas)},
    }
    if one.body is not None:
        schema = schemas.of.get(id(one.body), {"type": "object"})
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}, "required": True}
    return described


def _answer(one: Operation, schemas: _Schemas) -> dict[str, Any]:
    status, kind, _ = ANSWERS[one.name]
    if kind is None:
        return {str(status): {"description": "Done."}}
    if kind is str:
        return {str(status): {"description": "A stream.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    schema = schemas.of.get(id(kind), {"type": "object"})
    if one.name in LISTS:
        schema = {
            "type": "object",
            "properties": {"data": {"type": "array", "items": schema}, "next_cursor": {"type": ["string", "null"]}},
            "required": ["data", "next_cursor"],
        }
    return {str(status): {"description": "What there is now.", "content": {"application/json": {"schema": schema}}}}


def _problem(schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.of[id(Document)]
    return {"description": "A problem.", "content": {"application/problem+json": {"schema": schema}}}


def _in_path(one: Operation) -> Iterator[dict[str, Any]]:
    for name in parameters_in(one.path):
        yield {"name": name, "in": "path", "required": True, "schema": _ID}


def _in_query(one: Operation) -> Iterator[dict[str, Any]]:
    if one.query is None:
        return
    for field in msgspec.structs.fields(one.query):
        if field.name != "tenant":  # for the operator, on another port
            kind = field.type
            _, parts = msgspec.json.schema_components([kind])
            (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
            yield {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
            assert not parts, "parameters are plain values"  # noqa: S101 - for whoever adds one


def _tag(one: Operation) -> str:
    return one.path.split("/")[2]
