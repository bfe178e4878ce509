"""Reading a form that one of our pages sent."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from latchkey_auth.domain.choices import Decision, read_decision
from latchkey_auth.domain.forms import Form, comes_from_us, csrf_fits
from latchkey_kit.marking import N_
from latchkey_kit.web.problems import FieldError, Problem
from latchkey_oauth import parameters
from latchkey_oauth.errors import OAuthError
from latchkey_oauth.parameters import Parameters

ReadT = TypeVar("ReadT")


async def read_form(request: web.Request, origin: str) -> Parameters:
    """Decode a form's fields.

    Raises:
        Problem: 403 for a form of another site, 415 for another content type, 413 or 400 for one that cannot be read.

    """
    return _read(await _body(request, origin), parameters.decode)


async def read_consent_form(request: web.Request, origin: str) -> Decision:
    """Decode a form of the authorization endpoint, with its boxes; raises as `read_form` does."""
    return _read(await _body(request, origin), read_decision)


async def _body(request: web.Request, origin: str) -> bytes:
    headers = request.headers
    if not comes_from_us(fetch_site=headers.get("Sec-Fetch-Site"), origin=headers.get("Origin"), ours=origin):
        raise Problem(403, "cross_site", N_("This form was sent by another site."), N_("Nothing was done."))
    if request.content_type != "application/x-www-form-urlencoded":
        raise Problem(415, "unsupported_media_type", N_("Send this as a form."))
    return await request.read()


def _read(body: bytes, decode: Callable[[bytes], ReadT]) -> ReadT:
    try:
        return decode(body)
    except OAuthError as error:
        again = N_("Nothing was done. Go back and try again.")
        why = FieldError(pointer="", message=error.description)
        raise Problem(400, "invalid_request", N_("This form cannot be read."), again, errors=(why,)) from None


def check_csrf(form: Parameters, secret: bytes, kind: Form, one: str = "") -> None:
    """Refuse (403) a form that this browser was not shown in this session."""
    if not csrf_fits(secret, kind, form.get("csrf"), one):
        raise Problem(
            403,
            "stale_form",
            N_("This page is no longer valid."),
            N_("Nothing was done. Reload the page and try again."),
        )
