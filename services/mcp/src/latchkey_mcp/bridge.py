"""From aiohttp to the MCP SDK, which speaks ASGI: one request in, one answer out."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from aiohttp import web

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class Verdict(Protocol):
    """Asked before the first byte is sent: an answer that takes the place of the SDK's, or ``None``."""

    def __call__(self) -> web.Response | None: ...


class _Replaced(Exception):  # noqa: N818 - it ends the SDK's answer early
    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


async def relay(request: web.Request, asgi: Asgi, state: dict[str, Any], verdict: Verdict) -> web.StreamResponse:
    """Let an ASGI application answer. ``state`` is what its handlers find under ``scope["state"]``."""
    body = await request.read()
    given = [{"type": "http.request", "body": body, "more_body": False}]
    gone = asyncio.Event()
    answer: web.StreamResponse | None = None

    async def receive() -> Message:
        # The body once; then silence until the client has gone, which is how the SDK learns of it.
        if given:
            return given.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal answer
        if message["type"] == "http.response.start":
            if (instead := verdict()) is not None:
                raise _Replaced(instead)
            answer = web.StreamResponse(status=message["status"])
            for name, value in message.get("headers", ()):
                answer.headers.add(name.decode("latin-1"), value.decode("latin-1"))
            answer.headers["X-Accel-Buffering"] = "no"
            answer.headers["Cache-Control"] = "no-store"
            await answer.prepare(request)
        elif answer is not None:
            await answer.write(message.get("body", b""))

    try:
        await asgi(_scope(request, state), receive, send)
    except _Replaced as replaced:
        return replaced.response
    finally:
        gone.set()
    if answer is None:
        return web.Response(status=500)
    await answer.write_eof()
    return answer


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
