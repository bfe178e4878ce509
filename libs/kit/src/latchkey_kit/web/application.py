"""From routes to an aiohttp application."""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.web import cors
from latchkey_kit.web.middleware import ErrorPage, errors, request_facts
from latchkey_kit.web.routes import REQUEST_ID, ROUTE, STOPPING, Handler, Route

_MAX_BODY = 1024 * 1024


def application(
    routes: Sequence[Route],
    clock: Clock,
    entropy: Entropy,
    *,
    callers: Mapping[str, str] | None = None,
    error_page: ErrorPage | None = None,
) -> web.Application:
    """Build the application for one port. A ``GET`` route answers ``HEAD`` too (RFC 9110 §9.3.2)."""
    known: dict[web.AbstractRoute, Route] = {}
    app = web.Application(
        middlewares=[request_facts(clock, entropy), errors(known, callers or {}, error_page)],
        client_max_size=_MAX_BODY,
    )
    for route in routes:
        known[app.router.add_route(route.method, route.path, _bound(route.handler))] = route
    given = {(route.method, route.path) for route in routes}
    for route in routes:
        if route.method == "GET" and ("HEAD", route.path) not in given:
            known[app.router.add_route("HEAD", route.path, _bound(route.handler))] = route
    for path in {route.path for route in routes if route.open_to_browsers}:
        app.router.add_route("OPTIONS", path, cors.preflight)
    app.on_response_prepare.append(_dress)
    app[STOPPING] = asyncio.Event()
    app.on_shutdown.append(_stop)
    return app


async def _stop(app: web.Application) -> None:
    app[STOPPING].set()


def _bound(handler: Handler) -> Handler:
    """A plain function around a handler: aiohttp deprecates callable objects, which most of our handlers are."""

    async def bound(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    return bound


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer, streams too."""
    response.headers["X-Request-Id"] = request.get(REQUEST_ID, "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Server"] = "latchkey"
    route = request.get(ROUTE)
    if route is not None and route.open_to_browsers:
        cors.open_up(response)
