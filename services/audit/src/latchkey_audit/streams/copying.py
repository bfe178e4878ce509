"""From the log to the stream: each consumer's entries, in the order of the chain.

They are published, and only then it is noted how far. Each batch brings a mark along that says how far it goes; what
we were ended before noting is read from there. What a consumer has no room for waits in the log.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog
from nats.js.errors import APIError, NotFoundError

from latchkey_audit.domain import streaming as rules
from latchkey_audit.store import streaming
from latchkey_audit.store.streaming import Feed
from latchkey_audit.streams import claims
from latchkey_audit.streams.stream import Stream
from latchkey_audit.streams.upkeep import Upkeep
from latchkey_audit.streams.windows import Window
from latchkey_kit import crash
from latchkey_kit.db import Connection
from latchkey_kit.messaging.together import Message

_AT_ONCE = 32
_ASK_SECONDS = 0.25
_HOLD_SECONDS = 2.0
_BATCH_BYTES = 8 * 1024**2
log = structlog.get_logger()


class _Batch(msgspec.Struct, frozen=True):
    """What a consumer gets now; ``through`` is how far it is then."""

    feed: Feed
    entries: Sequence[rules.Entry]
    size: int
    through: int
    more: bool


class Copying:
    """For the leader alone, as long as it leads."""

    def __init__(self, stream: Stream, upkeep: Upkeep) -> None:
        self._stream = stream
        self._upkeep = upkeep
        self._asked: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._windows: dict[str, Window] = {}

    async def some(self, connection: Connection, feeds: Sequence[Feed]) -> bool:
        """Copy a batch for each consumer that has room; returns whether there is more.

        One whose entries the stream refuses waits by itself. Raises one of ``bus.AWAY``, when the others are served.
        """
        known = [feed for feed in feeds if self._knows(feed)]
        for feed in feeds:
            if not self._knows(feed):
                await self._recognise(connection, feed)
        more, failures = len(known) < len(feeds), list[BaseException]()
        for start in range(0, len(known), _AT_ONCE):
            batches = await self._batches(connection, known[start : start + _AT_ONCE])
            more |= any(one.more for one in batches)
            failures += await self._together(connection, batches)
        if failures:
            raise failures[0]
        return more

    def _knows(self, feed: Feed) -> bool:
        window = self._windows.get(feed.id)
        return window is not None and window.run == feed.run

    async def _recognise(self, connection: Connection, feed: Feed) -> None:
        """Learn how far a consumer is and what the stream holds of it; it gets more the next time."""
        await self._upkeep.recognise(connection, feed)
        self._windows[feed.id] = Window(feed.run, *await streaming.held(connection, feed))

    async def _batches(self, connection: Connection, feeds: Sequence[Feed]) -> list[_Batch]:
        wanted = [(feed, await self._room(connection, feed)) for feed in feeds]
        wanted = [(feed, through) for feed, through in wanted if through > feed.published]
        if not wanted:
            return []
        found = await streaming.entries(connection, wanted)
        return [self._batch(feed, found[feed.id], through) for feed, through in wanted]

    def _batch(self, feed: Feed, found: Sequence[rules.Entry], through: int) -> _Batch:
        room = self._budget() - self._windows[feed.id].size
        entries, size = rules.fitting(found, min(room, self._budget() // 4, _BATCH_BYTES))
        more = len(entries) < len(found) or len(found) == streaming.BATCH
        return _Batch(feed, entries, size, entries[-1].position if more else through, more)

    async def _together(self, connection: Connection, batches: Sequence[_Batch]) -> list[BaseException]:
        """Publish, and note how far; gives what else went wrong than that the stream refused a consumer's entries."""
        results = await asyncio.gather(*map(self._publish, batches), return_exceptions=True)
        crash.point("after_streaming")
        done = [batch for batch, failure in zip(batches, results, strict=True) if failure is None]
        await streaming.advance(connection, [(batch.feed, batch.through) for batch in done])
        for batch in done:
            self._windows[batch.feed.id].add(batch.through, batch.size)
            self._held.pop(batch.feed.id, None)
        failures = []
        for batch, failure in zip(batches, results, strict=True):
            if isinstance(failure, APIError) and not isinstance(failure, NotFoundError):
                self._hold(batch.feed, failure)
            elif failure is not None:
                failures.append(failure)
        return failures

    def _hold(self, feed: Feed, failure: APIError) -> None:
        """Leave a consumer out for a while; some of its entries may have been taken."""
        if feed.id not in self._held:
            log.warning("audit_consumer_waits", consumer=feed.id, reason=failure.description)
        self._held[feed.id] = asyncio.get_running_loop().time() + _HOLD_SECONDS
        del self._windows[feed.id]

    async def _publish(self, batch: _Batch) -> None:
        feed = batch.feed
        if batch.entries:
            await self._stream.publish(
                [
                    (
                        Message(
                            rules.subject(feed.tenant_id, feed.id, entry.action),
                            entry.body,
                            rules.headers(feed.id, feed.run, entry),
                        ),
                        Message(rules.mark_place(feed.id), b"", rules.mark_headers(feed.run, entry)),
                    )
                    for entry in batch.entries
                ]
            )

    async def _room(self, connection: Connection, feed: Feed) -> int:
        """Up to which position the stream may have a consumer's entries now, if they are not too big together.

        How far it has acknowledged is asked when what we know may be too old, and of one that stands still not often.
        """
        now, window = asyncio.get_running_loop().time(), self._windows[feed.id]
        if now < self._held.get(feed.id, 0.0):
            return feed.published
        acked = feed.acked
        is_far = feed.published - acked >= rules.MOST_AHEAD // 2 or window.size >= self._budget() // 2
        if is_far and now - self._asked.get(feed.id, 0.0) >= _ASK_SECONDS:
            self._asked[feed.id] = now
            acked = await self._upkeep.see_acknowledged(connection, feed)
        window.acknowledged(acked)
        if window.size >= self._budget():
            return feed.published
        return min(feed.last, acked + rules.MOST_AHEAD)

    def _budget(self) -> int:
        return rules.budget(claims.DISK, self._upkeep.consumers)
