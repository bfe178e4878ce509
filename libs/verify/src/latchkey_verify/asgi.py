"""The bearer check in front of a whole ASGI application (ASGI 3.0), for any framework that speaks it.

The application finds the bearer as ``scope["latchkey.bearer"]``, and the door, for rights and for a second look before
it commits, as ``scope["latchkey.guard"]``.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import msgspec

from latchkey_kit.web.problems import Problem, unavailable
from latchkey_verify.asgi_answer import Answer, Send
from latchkey_verify.verifier import Verifier
from latchkey_verify.web import Guard

BEARER: Final = "latchkey.bearer"
GUARD: Final = "latchkey.guard"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008
"""Of a WebSocket's close (RFC 6455 §7.4.1)."""


class Protected:
    """Lets good bearers through to ``app``; ``open_to_all`` are paths that need none.

    The verifier lives as long as the application, which must take the ``lifespan`` scope. ``scope`` is what a client
    without a token should ask for. An answer to a safe method is cut off when its connection dies. One to a method that
    may change something is not, lest nobody knows whether it did: the application calls
    ``scope["latchkey.guard"].confirm`` before it commits. Streams and WebSockets are cut in any case.
    """

    def __init__(
        self,
        app: Application,
        verifier: AbstractAsyncContextManager[Verifier],
        audience: str,
        *,
        scope: str | None = None,
        open_to_all: Collection[str] = (),
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._audience = audience
        self._scope = scope
        self._open_to_all = frozenset(open_to_all)
        self._guard: Guard | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http":
            await self._check(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._check_websocket(scope, receive, send)
        else:
            raise RuntimeError(f"nobody checks bearers of {scope['type']!r}")

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._verifier as entered:
            self._guard = Guard.of(entered, self._audience, self._scope)
            try:
                await self._app(scope, receive, send)
            finally:
                self._guard = None

    async def _check(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in self._open_to_all:
            await self._app(scope, receive, send)
            return
        answer = Answer(send, safe=scope["method"] in _SAFE)
        try:
            await self._serve(answer, scope, receive)
        except Problem as problem:
            # A body that was begun has no end then, by which the server knows to close the connection.
            if not answer.started:
                await _tell(problem, send, "http")

    async def _check_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = Answer(send, safe=True)
        try:
            await self._serve(answer, scope, receive)
        except Problem as problem:
            if answer.started or "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": problem.title})
            else:
                await _tell(problem, send, "websocket.http")

    async def _serve(self, answer: Answer, scope: Scope, receive: Receive) -> None:
        guard = self._guard
        if guard is None:
            raise unavailable(private="the application takes no lifespan scope, or has ended")
        given = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"authorization"]
        bearer = await guard.bearer_of(given)
        async with guard.while_alive(bearer, armed=answer.safe) as cut:
            behind = {**scope, BEARER: bearer, GUARD: guard}
            await self._app(behind, receive, answer.sending(cut))


async def _tell(problem: Problem, send: Send, kind: str) -> None:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **problem.headers}
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    body = msgspec.json.encode(problem.document())
    await send({"type": f"{kind}.response.start", "status": problem.status, "headers": encoded})
    await send({"type": f"{kind}.response.body", "body": body})
