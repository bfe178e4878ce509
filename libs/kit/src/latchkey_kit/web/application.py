"""From routes to an aiohttp application."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.web import cors
from latchkey_kit.web.middleware import ErrorPage, errors, request_facts
from latchkey_kit.web.routes import ROUTE, Handler, Route

_MAX_BODY = 1024 * 1024


def application(
    routes: Sequence[Route],
    clock: Clock,
    entropy: Entropy,
    *,
    callers: Mapping[str, str] | None = None,
    error_page: ErrorPage | None = None,
) -> web.Application:
    """Build the application for one port."""
    by_handler = {_bound(route.handler): route for route in routes}
    app = web.Application(
        middlewares=[
            request_facts(clock, entropy), _open_to_browsers, errors(by_handler, callers or {}, error_page)
        ],
        client_max_size=_MAX_BODY,
    )  # fmt: skip
    for handler, route in by_handler.items():
        app.router.add_route(route.method, route.path, handler)
    for path in {route.path for route in routes if route.open_to_browsers}:
        app.router.add_route("OPTIONS", path, cors.preflight)
    return app


def _bound(handler: Handler) -> Handler:
    """A function of its own for every route.

    aiohttp wraps callable objects, and the middleware knows a route, with who may ask, by the function that is called.
    """

    async def bound(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    return bound


@web.middleware
async def _open_to_browsers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    route = request.get(ROUTE)
    if route is not None and route.open_to_browsers and not response.prepared:
        cors.open_up(response)
    return response


__all__ = ["Handler", "application"]
