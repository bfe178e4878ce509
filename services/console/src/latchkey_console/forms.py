"""Reading what a form sends: of our pages, or of whoever makes up another one."""

import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from multidict import MultiDictProxy

from latchkey_kit.web.problems import FieldError, Problem, bad_request

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]
FILES: Final = frozenset({"logo"})
"""The fields that are files; all others are text."""
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")
"""What no owner takes in a text: it cannot be stored, or not even be sent."""
_REVISION = re.compile(r"[A-Za-z0-9_-]{0,128}")


async def read(request: web.Request) -> Form:
    """Read the fields; reading them again costs nothing.

    Raises:
        Problem: 400 for what none of our pages sends: a form that cannot be read, another encoding than UTF-8, a file
            in a field for text, a text with U+0000.

    """
    form = await _decoded(request)
    for name, value in form.items():
        if isinstance(value, web.FileField) and name in FILES:
            continue
        if not isinstance(value, str) or _NO_TEXT.search(name + value):
            raise bad_request("A field of the form is no text.")
    return form


def if_match(revision: object) -> Mapping[str, str]:
    """The precondition (RFC 9110 §13.1.1) for the revision that a form was shown with; 400 for what is none."""
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision):
        raise bad_request("The page does not offer this.", FieldError(pointer="/revision", message="Reload the page."))
    return {"If-Match": f'"{revision}"'}


async def _decoded(request: web.Request) -> Form:
    if (request.charset or "utf-8").lower() != "utf-8":
        raise _unreadable(f"charset {request.charset!r:.40}")
    try:
        return await request.post()
    except (web.HTTPException, web.RequestPayloadError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - a broken form can make its reader raise anything
        raise _unreadable(type(error).__name__) from None


def _unreadable(reason: str) -> Problem:
    return Problem(400, "invalid_request", "This form cannot be read.", "Nothing was done.", private=reason)
