"""From aiohttp to the MCP SDK, which speaks ASGI: one request in, one JSON answer out."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import web

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


async def relay(request: web.Request, asgi: Asgi, state: dict[str, Any]) -> web.Response:
    """Let an ASGI application answer. ``state`` is what its handlers find under ``scope["state"]``.

    The answer is gathered before it is given back, so the caller can still put another in its place: without sessions
    and streams the SDK never says anything in between.
    """
    given = [{"type": "http.request", "body": await request.read(), "more_body": False}]
    start: Message = {}
    body = bytearray()

    async def receive() -> Message:
        # The body once, then silence: that the client has gone is for aiohttp to find.
        return given.pop() if given else await asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        start.update(message) if message["type"] == "http.response.start" else body.extend(message.get("body", b""))

    await asgi(_scope(request, state), receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return web.Response(status=start["status"], body=bytes(body), headers=headers | {"cache-control": "no-store"})


def _scope(request: web.Request, state: dict[str, Any]) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": None,
        "server": None,
        "state": state,
    }
