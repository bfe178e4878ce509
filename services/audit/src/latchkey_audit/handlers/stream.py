"""`GET /v1/audit-events/stream`: entries as they are recorded, as server-sent events (HTML standard §9.2)."""

import asyncio
import contextlib

import structlog
from aiohttp import hdrs, web

from latchkey_audit.domain.search import Entry, Wanted, one_line, show
from latchkey_audit.handlers.door import Door
from latchkey_audit.handlers.filters import StreamAsked, told_filter
from latchkey_audit.tail import Follower, Tail
from latchkey_audit.views import Reader, Views
from latchkey_kit.db import will_pass
from latchkey_kit.web.exporting import break_off, write
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_kit.web.routes import STOPPING
from latchkey_kit.web.slots import Slots

MOST, MOST_OF_A_TENANT = 500, 20
"""Open streams in one process."""
HEARTBEAT_SECONDS = 15.0
_PAUSE_SECONDS = 0.5
"""Until it is looked anew whether the reader may go on, and whether we do."""
_AT_A_TIME = 50
_RETRY_MILLISECONDS = 2000
_LAST_EVENT_ID = "Last-Event-ID"
log = structlog.get_logger()


class Stream:
    """The id of an event is its entry's position, so who comes back with the last one misses and doubles nothing.

    What does not fit the filter moves the id, too: a heartbeat brings it. Nothing is kept for a reader: what they have
    not taken is read when they have, and who takes nothing for long is cut off. Who comes back from behind the end of
    the log has seen entries that a failover of the database lost: that is said, and the stream goes on from the end. So
    it does for those who are there when that happens.
    """

    def __init__(self, door: Door, views: Views, tail: Tail) -> None:
        self._door = door
        self._views = views
        self._tail = tail
        self._slots = Slots(most=MOST, each=MOST_OF_A_TENANT, refusal=_too_many)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = None
        try:
            reader, asked = await self._door.enter(request, "view", StreamAsked)
            wanted = asked.wanted()
            last, end = await self._last(request, reader.tenant, asked.last_event_id)
            if request.method == hdrs.METH_HEAD:
                return _answer()
            with self._slots.taken(reader.tenant):
                async with self._door.while_alive(reader):
                    await self._views.viewed(reader, "stream", told_filter(request))
                    response = _answer()
                    await response.prepare(request)
                    await write(response, b"retry: %d\n%s" % (_RETRY_MILLISECONDS, _begin(last, end)))
                    await self._send(response, reader, wanted, (min(last, end), end), request.app[STOPPING])
                    await response.write_eof()
                    return response
        except Exception as error:
            if response is None:
                raise
            log.info("stream_cut", reason=type(error).__name__)
            break_off(request)
            return response

    async def _last(self, request: web.Request, tenant: str, given: str | None) -> tuple[int, int]:
        """Where the reader was, and where the log ends: a browser that comes back sends the header."""
        text, end = request.headers.get(_LAST_EVENT_ID) or given, await self._tail.end(tenant)
        if text is None:
            return end, end
        if not (text.isascii() and text.isdecimal() and len(text) < 20):
            error = FieldError(pointer="/last_event_id", message="Expected a position of this log.")
            raise bad_request("A parameter is not valid.", error)
        return int(text), end

    async def _send(
        self,
        response: web.StreamResponse,
        reader: Reader,
        wanted: Wanted,
        place: tuple[int, int],
        stopping: asyncio.Event,
    ) -> None:
        """``place``: where the reader is, and where the log ended."""
        last, end = place
        now = asyncio.get_running_loop().time
        beat_at = now() + HEARTBEAT_SECONDS
        with self._tail.following(reader.tenant, end) as follower:
            while not stopping.is_set():
                await self._door.still_may(reader, "view")
                if follower.lost:
                    follower.lost, last = False, follower.end
                    await write(response, _reset(last))
                entries, last = await self._read(follower, wanted, last)
                for entry in entries:
                    await write(response, _event(entry))
                if now() >= beat_at:
                    await write(response, b": still here\n" + _mark(last))
                    beat_at = now() + HEARTBEAT_SECONDS
                if follower.end <= last:
                    await _wait(follower, min(_PAUSE_SECONDS, beat_at - now()))

    async def _read(self, follower: Follower, wanted: Wanted, last: int) -> tuple[list[Entry], int]:
        follower.changed.clear()
        if follower.end <= last:
            return [], last
        try:
            return await self._tail.read(follower.tenant, wanted, last, follower.end, _AT_A_TIME)
        except Exception as error:
            if not will_pass(error):
                raise
            log.warning("stream_waits", reason=type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)
            return [], last


async def _wait(follower: Follower, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await follower.changed.wait()


def _event(entry: Entry) -> bytes:
    return b"id: %d\nevent: entry\ndata: %s\n\n" % (entry.position, one_line(show(entry)))


def _begin(last: int, end: int) -> bytes:
    if last <= end:
        return _mark(last)
    return _reset(end)


def _reset(end: int) -> bytes:
    return b'id: %d\nevent: reset\ndata: {"position":%d}\n\n' % (end, end)


def _mark(position: int) -> bytes:
    """An event without data: it is not heard, but moves the id that the reader would come back with."""
    return b"id: %d\n\n" % position


def _answer() -> web.StreamResponse:
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/event-stream",
            hdrs.CACHE_CONTROL: "no-store",
            "X-Accel-Buffering": "no",  # nginx would hold it back
        }
    )


def _too_many() -> Problem:
    advice = "Close one, or follow with one stream and a wider filter."
    return Problem(429, "too_many_streams", "Too many open streams.", advice, headers={"Retry-After": "5"})
