"""A service's routes: path → handler, with the error format that the path speaks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from typing import Any

import msgspec
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Guests = Callable[[str, str], Awaitable[bool]]
"""Whether somebody of this name, with a credential of this SHA-256 (hexadecimal), is welcome."""


class Family(Enum):
    """Who reads the errors of a route."""

    OAUTH = "oauth"
    """RFC 6749 §5.2 JSON."""
    API = "api"
    """Problem details (RFC 9457)."""
    PAGE = "page"
    """A person: the service's own error page."""
    INTERNAL = "internal"
    """Another service: problem details, and a credential is needed."""


class Route(msgspec.Struct, frozen=True):
    """``open_to_browsers`` lets scripts of other origins read the answers (CORS), without cookies.

    ``callers`` are the services that may ask, for internal routes; ``guests`` knows of others who may.
    """

    method: str
    path: str
    handler: Any
    family: Family
    open_to_browsers: bool = False
    callers: frozenset[str] = frozenset()
    guests: Guests | None = None


def oauth(method: str, path: str, handler: Handler, *, open_to_browsers: bool = False) -> Route:
    return Route(method, path, handler, Family.OAUTH, open_to_browsers)


def api(method: str, path: str, handler: Handler, *, open_to_browsers: bool = False) -> Route:
    return Route(method, path, handler, Family.API, open_to_browsers)


def page(method: str, path: str, handler: Handler) -> Route:
    return Route(method, path, handler, Family.PAGE)


def asked(
    path: str, handler: Handler, *, by: Iterable[str], method: str = "POST", guests: Guests | None = None
) -> Route:
    """A route of the internal port; ``by`` names the services that may ask, ``guests`` knows who else may."""
    return Route(method, path, handler, Family.INTERNAL, callers=frozenset(by), guests=guests)


def for_console(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The same routes on the internal port, for the web console and whom it acts for."""
    return tuple(asked(one.path, one.handler, by=("console",), method=one.method) for one in routes)


STOPPING: web.AppKey[asyncio.Event] = web.AppKey("stopping", asyncio.Event)
"""Set when the process is told to stop: a stream then ends by itself, for nobody waits for it long."""
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
ROUTE: web.RequestKey[Route] = web.RequestKey("route", Route)
"""Which route a request took, once it is known."""
GUEST: web.RequestKey[str] = web.RequestKey("guest", str)
"""Name of the guest who asks, when it is one."""
CONNECTION: web.RequestKey[str] = web.RequestKey("connection", str)
"""The connection by which a bearer was let in, for the line that tells of the request."""
