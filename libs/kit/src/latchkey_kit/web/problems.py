"""Errors of our own APIs: problem details (RFC 9457)."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from latchkey_kit.marking import N_


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one member of the body or one parameter. ``pointer`` is a JSON Pointer (RFC 6901)."""

    pointer: str
    message: str


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The JSON of a problem. ``code`` is for programs, ``title`` and ``detail`` are for people."""

    status: int
    title: str
    code: str
    type: str = "about:blank"
    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    request_id: str | None = None


class Problem(Exception):  # noqa: N818 - the RFC's word
    """Raise it anywhere below a handler; the middleware answers with it.

    ``private`` is for the log only.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        private: str = "",
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.private = private

    def document(self, request_id: str | None = None) -> Document:
        return Document(
            status=self.status,
            title=self.title,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
            request_id=request_id,
        )


def response(problem: Problem, request_id: str | None) -> web.Response:
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(problem.document(request_id)),
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def not_found(detail: str = "") -> Problem:
    return Problem(404, "not_found", N_("There is nothing here."), detail)


def bad_request(detail: str, *errors: FieldError) -> Problem:
    return Problem(400, "invalid_request", N_("The request is not valid."), detail, errors=errors)


def unavailable(retry_after: int = 1, *, private: str = "") -> Problem:
    """503: something that this answer needs is away for now. ``retry_after`` in seconds."""
    return Problem(
        503,
        "temporarily_unavailable",
        N_("Temporarily unavailable."),
        N_("Please try again shortly."),
        headers={"Retry-After": str(retry_after)},
        private=private,
    )
