"""The bearer check in front of a whole aiohttp application: one call, and every handler is behind it.

A handler finds the bearer as ``request[BEARER]``, and the door, for rights and for a second look before it commits, as
``request[GUARD]``. A problem that the guard raises is answered as one (RFC 9457), wherever it is raised.
"""

import functools
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem
from latchkey_verify.bearer import Bearer
from latchkey_verify.cut import Cut
from latchkey_verify.verifier import Verifier
from latchkey_verify.web import Guard

BEARER: Final = web.RequestKey("latchkey.bearer", Bearer)
GUARD: Final = web.RequestKey("latchkey.guard", Guard)
SAFE: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
"""Methods that change nothing (RFC 9110 §9.2.1)."""
_DOOR = web.AppKey("latchkey.door", Guard)
_CUT = web.RequestKey("latchkey.cut", Cut)
_STARTED = web.RequestKey("latchkey.started", web.StreamResponse)


def protect(
    app: web.Application,
    verifier: AbstractAsyncContextManager[Verifier],
    audience: str,
    *,
    scope: str | None = None,
    open_to_all: Collection[str] = (),
) -> None:
    """Let an application be reached by good bearers only; ``open_to_all`` are paths that need none.

    The verifier lives as long as the application. ``scope`` is what a client without a token should ask for. A handler
    of a safe method is cut off when its connection dies. One that may change something is not, lest nobody knows
    whether it did: it calls ``request[GUARD].confirm`` before it commits. A stream is cut in both.
    """
    app.cleanup_ctx.append(functools.partial(_keep, verifier=verifier, audience=audience, scope=scope))
    app.middlewares.append(_checking(frozenset(open_to_all)))
    app.on_response_prepare.append(_started)


async def _keep(
    app: web.Application, *, verifier: AbstractAsyncContextManager[Verifier], audience: str, scope: str | None
) -> AsyncIterator[None]:
    async with verifier as entered:
        app[_DOOR] = Guard.of(entered, audience, scope)
        yield


def _checking(open_to_all: frozenset[str]) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in open_to_all:
            return await handler(request)
        try:
            return await _behind(request, handler)
        except Problem as problem:
            started: web.StreamResponse | None = request.get(_STARTED)
            if started is None:
                return problems.response(problem, None)
            if request.transport is not None:
                request.transport.abort()  # no end of the body: the client sees that it was cut off
            return started

    return check


async def _behind(request: web.Request, handler: Handler) -> web.StreamResponse:
    guard: Guard = request.config_dict[_DOOR]
    bearer = await guard.bearer(request)
    request[BEARER], request[GUARD] = bearer, guard
    safe = request.method in SAFE
    async with guard.while_alive(bearer, armed=safe) as cut:
        request[_CUT] = cut
        response: web.StreamResponse = await handler(request)
        if safe:
            guard.confirm(bearer)
        return response


async def _started(request: web.Request, response: web.StreamResponse) -> None:
    cut = request.get(_CUT)
    if cut is not None:
        request[_STARTED] = response
        cut.arm()
