"""The query string of a list or an export, as the parameters of the core; and its errors, back.

``?city=Oslo&arr[gte]=5000&sort=-arr,name`` is
``{"filter": {"city": "Oslo", "arr": {"gte": "5000"}}, "sort": ["-arr", "name"]}``.
"""

import re
from typing import Any, Final

from aiohttp import web

from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.values import from_text

RESERVED: Final = frozenset({"limit", "cursor", "sort", "format"})
"""Parameters that are no filters: no field is called like this."""
_COMPARED = re.compile(r"(?P<name>[^\[\]]+)\[(?P<operator>[a-z]+)\]")
_FILTER = re.compile(r"/filter/(?P<name>[^/]*)(/(?P<operator>[^/]*))?")


def parameters_of(request: web.Request, kind: Kind) -> dict[str, Any]:
    """Read the query string. A parameter that is given twice is refused."""
    filters: dict[str, Any] = {}
    others: dict[str, Any] = {}
    seen: set[str] = set()
    for name, text in request.query.items():
        if name in seen:
            raise bad_request("A parameter is given twice.", error_at(name, "This is given twice."))
        seen.add(name)
        if name in RESERVED:
            others[name] = _reserved(name, text)
        else:
            _add(filters, kind, name, text)
    return {"filter": filters, **others}


def _reserved(name: str, text: str) -> object:
    if name == "limit" and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return text.split(",") if name == "sort" else text


def _add(filters: dict[str, Any], kind: Kind, name: str, text: str) -> None:
    found = _COMPARED.fullmatch(name)
    name, operator = (found["name"], found["operator"]) if found else (name, "eq")
    field = kind.field(name)
    filters.setdefault(name, {})[operator] = from_text(field, text) if field else text


def as_sent(errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    """Point into the body or the query as REST has them, without the envelope of the core's parameters."""
    return tuple(FieldError(pointer=_as_sent(error.pointer), message=error.message) for error in errors)


def _as_sent(pointer: str) -> str:
    if found := _FILTER.fullmatch(pointer):
        operator = found["operator"] or "eq"
        return f"/{found['name']}" if operator == "eq" else f"/{found['name']}[{operator}]"
    return "/sort" if pointer.startswith("/sort/") else pointer.removeprefix("/values")


def error_at(name: str, message: str) -> FieldError:
    return FieldError(pointer="/" + name[:80], message=message)
