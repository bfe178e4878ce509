"""`/check`: the gateway's question about a request that it holds (forward-auth, as Traefik asks it)."""

import urllib.parse

from aiohttp import hdrs, web

from latchkey_kit.web import cors
from latchkey_kit.web.problems import Problem, not_found
from latchkey_verify.web import Guard

_METHOD = "X-Forwarded-Method"
_TARGET = "X-Forwarded-Uri"


class Check:
    """200 without a body lets the request through; anything else is answered to the client as it stands.

    It promises that the bearer was alive when the request arrived, and no more: services check the token themselves.
    """

    def __init__(self, *, api: Guard, mcp: Guard) -> None:
        self._api = api
        self._mcp = mcp

    async def __call__(self, request: web.Request) -> web.Response:
        target = request.headers.get(_TARGET)
        if target is None:
            raise not_found()
        if request.headers.get(_METHOD) != hdrs.METH_OPTIONS:  # a preflight brings no token (Fetch standard)
            await self._admit(request, self._mcp if is_mcp(target) else self._api)
        return web.Response()

    async def _admit(self, request: web.Request, guard: Guard) -> None:
        try:
            await guard.bearer(request)
        except Problem as problem:
            readable = web.Response()
            cors.open_up(readable)
            problem.headers.update(readable.headers)
            raise


def is_mcp(target: str) -> bool:
    """Whether a request target (RFC 9112 §3.2.1) is the MCP endpoint or lies below it."""
    path = urllib.parse.unquote(target.partition("?")[0])
    return path == "/v1/mcp" or path.startswith("/v1/mcp/")
