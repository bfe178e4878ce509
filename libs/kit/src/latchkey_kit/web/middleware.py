"""What happens around every handler: request facts, one log line, and errors in the format of the route."""

import functools
import ipaddress
import re
import time
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from latchkey_kit.clock import Clock
from latchkey_kit.db import will_pass
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.marking import N_
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.telemetry import facts, metrics, trace
from latchkey_kit.telemetry.redaction import without_secrets
from latchkey_kit.web import problems
from latchkey_kit.web.callers import admit
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import CONNECTION, REQUEST_ID, ROUTE, Family, Handler, Route
from latchkey_oauth.errors import OAuthError

ErrorPage = Callable[[web.Request, Problem], Awaitable[web.StreamResponse]]
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PROBES = ("/livez", "/readyz", "/metrics")
_LONGEST_AGENT = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What would break a line of a log, or is a byte that is not UTF-8."""
_OURS = N_("Something went wrong on our side.")
log = structlog.get_logger()


def request_facts(clock: Clock, entropy: Entropy) -> Middleware:
    """Give every request an id (the caller's, if it is harmless) and a span; when it is over, tell of it."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        token = facts.enter(_facts_of(request, clock, entropy))
        metrics.http_in_flight.inc()
        started = time.perf_counter()
        try:
            request[REQUEST_ID] = facts.current().request_id or ""
            response = await handler(request)
            _account(request, response.status, time.perf_counter() - started)
            return response
        finally:
            metrics.http_in_flight.dec()
            facts.leave(token)

    return middleware


def _facts_of(request: web.Request, clock: Clock, entropy: Entropy) -> facts.RequestFacts:
    given = request.headers.get("X-Request-Id", "")
    parents = request.headers.getall("traceparent", ())
    parent = trace.parse(parents[0]) if len(parents) == 1 else None
    return facts.RequestFacts(
        request_id=given if _is_harmless(given) else new_id(clock, entropy),
        span=trace.child_of(parent, entropy),
        address=_address(request.headers.get("X-Forwarded-For", "").partition(",")[0]) or request.remote,
        agent=_agent(request.headers.get("User-Agent", "")[:_LONGEST_AGENT]),
    )


def _is_harmless(request_id: str) -> bool:
    return _SAFE_ID.fullmatch(request_id) is not None and without_secrets(request_id) == request_id


# The same few callers come again and again.
@functools.lru_cache(1024)
def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


@functools.lru_cache(1024)
def _agent(text: str) -> str | None:
    return without_secrets(_CONTROL.sub("", text))[:200] or None


def _account(request: web.Request, status: int, seconds: float) -> None:
    route = request.get(ROUTE)
    metrics.answered(route.path if route else None, request.method, status, seconds)
    level = log.debug if route is None or request.path in _PROBES or route.family is Family.INTERNAL else log.info
    level(
        "request",
        method=request.method,
        route=route.path if route else None,
        status=status,
        ms=round(seconds * 1000, 1),
        **({"connection": request[CONNECTION]} if CONNECTION in request else {}),
    )


def errors(
    routes: Mapping[web.AbstractRoute, Route], callers: Mapping[str, str], error_page: ErrorPage | None
) -> Middleware:
    """Check internal callers, then turn whatever is raised into the answer that the route's readers expect."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = routes.get(request.match_info.route)
        if route is not None:
            request[ROUTE] = route
        try:
            await _admit(request, route, callers)
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - every failure becomes an answer
            # A method that a path does not take has no route; the path's readers still expect their format.
            readers = route or next((one for one in routes.values() if one.path == request.path), None)
            return await _answer(request, readers, error, error_page)

    return middleware


async def _admit(request: web.Request, route: Route | None, callers: Mapping[str, str]) -> None:
    if "%00" in request.raw_path:  # no NUL comes through the HTTP parser as it is
        raise problems.bad_request(N_("The address contains the character U+0000."))
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise Problem(400, "invalid_request", N_("Send the body as it is, without Content-Encoding."))
    if route is not None and route.family is Family.INTERNAL:
        await admit(request, route, callers)


async def _answer(
    request: web.Request, route: Route | None, error: Exception, error_page: ErrorPage | None
) -> web.StreamResponse:
    family = route.family if route else Family.API
    if isinstance(error, web.HTTPException) and error.status < 400:
        return web.Response(status=error.status, headers=error.headers)
    if isinstance(error, OAuthError) and family in (Family.OAUTH, Family.API):
        log.info("refused", error=error.code, reason=error.private or error.description)
        return oauth_response(error)
    problem = _problem(error)
    if family is Family.PAGE and error_page is not None:
        return await error_page(request, problem)
    if family is Family.OAUTH:
        return oauth_response(_as_oauth(problem))
    return problems.response(problem, facts.current().request_id)


def _problem(error: Exception) -> Problem:
    """Every failure as a problem, and a line in the log about it."""
    if isinstance(error, Problem):
        log.info("refused", status=error.status, problem=error.code, reason=error.private or error.title)
        return error
    if isinstance(error, web.HTTPException):
        return _of_router(error)
    if isinstance(error, web.RequestPayloadError):
        log.info("refused", status=400, problem="invalid_request", reason="the body cannot be decoded")
        return problems.bad_request(N_("The body cannot be decoded."))
    if isinstance(error, PeerUnavailable) or will_pass(error):
        log.warning("dependency_unavailable", reason=type(error).__name__, detail=str(error)[:200])
        return problems.unavailable()
    if isinstance(error, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError):
        log.warning("refused", status=400, problem="invalid_request", reason="U+0000 reached the database")
        return problems.bad_request(N_("A text contains the character U+0000."))
    log.error("unexpected_error", exc_info=error)
    return Problem(500, "server_error", _OURS, N_("The request id helps us find it."))


def _of_router(error: web.HTTPException) -> Problem:
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    match error.status:
        case 404:
            return problems.not_found()
        case 405:
            return Problem(405, "method_not_allowed", N_("This path does not take that method."), headers=allowed)
        case 413:
            return Problem(413, "too_large", N_("The request is too large."))
        case status if status < 500:
            return Problem(status, "invalid_request", N_("The request is not valid."))
        case _:
            return Problem(500, "server_error", _OURS)


def _as_oauth(problem: Problem) -> OAuthError:
    """The RFC 6749 error that says the same; ``temporarily_unavailable`` and ``server_error`` are its words, too."""
    code = "invalid_request" if problem.status < 500 else problem.code
    return OAuthError(code, problem.title, problem.status, headers=problem.headers, private=problem.detail)


def oauth_response(error: OAuthError) -> web.Response:
    """RFC 6749 §5.2."""
    return web.Response(
        status=error.status,
        body=msgspec.json.encode(error.body()),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "Pragma": "no-cache", **dict(error.headers or {})},
    )
