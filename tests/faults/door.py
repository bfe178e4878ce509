"""Operations through the gateway, each tried once: what came of it, and when. Nothing is sent again by itself."""

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import aiohttp
import msgspec

PATIENCE = 12.0  # seconds; then we hang up


class Fate(Enum):
    DONE = "done"
    """Acknowledged: from now on it may not be lost."""
    REFUSED = "refused"
    """A clear no (4xx)."""
    BUSY = "busy"
    """Our own 503 with Retry-After: it may have happened, and the same request may be sent again without harm."""
    LOST = "lost"
    """No answer, or one of the gateway's own: it may have happened."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, read to its end; `status` 0 when the line was cut. `result` is what a browser came to see."""

    status: int
    body: Any = None
    retry_after: int | None = None
    result: Any = None


@dataclass(frozen=True)
class Outcome:
    """`sent` and `ended` are seconds of the monotonic clock. One of the events `tells` is due `times` times."""

    kind: str
    request_id: str
    sent: float
    ended: float
    fate: Fate
    reply: Reply
    tells: frozenset[str] = field(default=frozenset())
    times: int = 1

    @property
    def done(self) -> bool:
        return self.fate is Fate.DONE

    @property
    def failed(self) -> bool:
        return self.fate in (Fate.BUSY, Fate.LOST)


class Door:
    """The gateway, as those outside see it. Each operation has a request id of ours, which its events carry."""

    def __init__(self, origin: str, http: aiohttp.ClientSession, run: str, note: Callable[[Outcome], None]) -> None:
        self.origin = origin
        self.used: set[str] = set()  # what apps and people of the end-to-end tests write their secrets to
        self._http = http
        self._ids = (f"{run}-{number:06}" for number in itertools.count())
        self._note = note

    async def ask(
        self,
        kind: str,
        method: str,
        path: str,
        token: str | None = None,
        *,
        tells: str = "",
        good: tuple[int, ...] = (200,),
        **more,
    ) -> Outcome:
        async def do(request_id: str) -> Reply:
            headers = {"Accept": "application/json, text/event-stream", "X-Request-Id": request_id}
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            url = self.origin + path
            async with self._http.request(method, url, headers=headers | bearer, allow_redirects=False, **more) as got:
                return await read(got)

        return await self.attempt(kind, do, tells=tells, good=good)

    async def attempt(
        self,
        kind: str,
        do: Callable[[str], Awaitable[Reply]],
        *,
        tells: str = "",
        times: int = 1,
        good: tuple[int, ...] = (200,),
    ) -> Outcome:
        """Do something under a request id of its own, and note what came of it."""
        request_id, sent = next(self._ids), time.monotonic()
        try:
            reply = await do(request_id)
        except (aiohttp.ClientError, TimeoutError, OSError):
            reply = Reply(0)
        outcome = Outcome(
            kind, request_id, sent, time.monotonic(), _fate(reply, good), reply, frozenset(tells.split()), times
        )
        self._note(outcome)
        return outcome


async def read(response: aiohttp.ClientResponse) -> Reply:
    body = await response.read()
    is_json = response.content_type.endswith("json") and body
    wait = response.headers.get("Retry-After")
    return Reply(response.status, msgspec.json.decode(body) if is_json else None, int(wait) if wait else None)


def _fate(reply: Reply, good: tuple[int, ...]) -> Fate:
    if reply.status in good:
        return _of_tool(reply.body)
    if reply.status == 503 and reply.retry_after is not None:
        return Fate.BUSY
    # A no of ours has words to it; without them it is the gateway's.
    return Fate.REFUSED if 300 <= reply.status < 500 and reply.body is not None else Fate.LOST


def _of_tool(body: Any) -> Fate:
    """MCP tells what went wrong inside a 200."""
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict) or not result.get("isError"):
        return Fate.DONE
    return Fate.BUSY if result["content"][0]["text"].startswith("503") else Fate.REFUSED
