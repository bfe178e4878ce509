"""Reading JSON bodies, query parameters and ids in paths, with errors that name the member."""

import re
from typing import TypeVar

import msgspec
from aiohttp import web

from latchkey_contracts.ids import is_id
from latchkey_kit.web.problems import FieldError, Problem, bad_request, not_found

StructT = TypeVar("StructT")
_AT = re.compile(r"(?P<message>.*?)(?: - at `(?:key` in `)?\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LONGEST_MESSAGE = 200


async def json_body(request: web.Request, wanted: type[StructT]) -> StructT:
    """Decode the body.

    Raises:
        Problem: 415 for another content type, 413 when too large, 400 with a pointer to what is wrong.

    """
    if request.content_type not in ("application/json", "application/merge-patch+json"):
        raise Problem(415, "unsupported_media_type", "Send application/json.")
    return decode(await request.read(), wanted)


def decode(body: bytes, wanted: type[StructT]) -> StructT:
    """Decode JSON. NUL is refused for every service, for PostgreSQL cannot store it in text."""
    if b"\\u0000" in body and _NUL.search(body):
        raise bad_request("The body contains the character U+0000.")
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        raise bad_request("A member of the body is not valid.", _field_error(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("The body is not JSON.") from None


def query(request: web.Request, wanted: type[StructT]) -> StructT:
    """Convert the query string. A parameter given twice or malformed is refused by name.

    ``wanted`` decides whether an unknown one is (``forbid_unknown_fields``).
    """
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            # Its name is for the caller, not for `detail`, which is logged: it may be a secret in the wrong place.
            twice = FieldError(pointer=f"/{name[:40]}", message="This is given twice.")
            raise bad_request("A parameter is given twice.", twice)
        values[name] = value
    try:
        return msgspec.convert(values, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise bad_request("A parameter is not valid.", _field_error(str(error))) from None


def path_id(request: web.Request, name: str) -> str:
    """Give an id of the path, such as ``client`` in ``/v1/oauth-clients/{client}``; 404 for what is no id."""
    value = request.match_info[name]
    if not is_id(value):
        raise not_found()
    return value


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON that no cache keeps."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def _field_error(text: str) -> FieldError:
    """Turn a message of msgspec, which ends in a path such as ``$.list[0].name``, into a pointer and a sentence."""
    found = _AT.fullmatch(text)
    steps = _STEP.findall((found["path"] or "") if found else "")
    pointer = "".join(f"/{(place or name).replace('...', '*')}" for place, name in steps)
    return FieldError(pointer=pointer, message=(found["message"] if found else text)[:_LONGEST_MESSAGE])
