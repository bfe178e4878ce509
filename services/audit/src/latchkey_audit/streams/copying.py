"""From the log to the stream: each consumer's entries, in the order of the chain.

They are published, and only then it is noted how far; a crash between the two publishes again under the same message
ids, which the stream takes once. What a consumer has no room for waits in the log.
"""

import asyncio
from collections.abc import Sequence

from latchkey_audit.domain import streaming as rules
from latchkey_audit.store import streaming
from latchkey_audit.store.streaming import Feed
from latchkey_audit.streams.stream import Stream
from latchkey_audit.streams.upkeep import Upkeep
from latchkey_kit import crash
from latchkey_kit.db import Connection
from latchkey_kit.messaging.together import Message

_AT_ONCE = 32
_ASK_SECONDS = 0.25


class Copying:
    """For the leader alone."""

    def __init__(self, stream: Stream, upkeep: Upkeep) -> None:
        self._stream = stream
        self._upkeep = upkeep
        self._asked: dict[str, float] = {}

    async def some(self, connection: Connection, feeds: Sequence[Feed]) -> bool:
        """Copy a batch for each consumer that has room; returns whether there is more. Raises one of ``bus.AWAY``."""
        more = False
        for start in range(0, len(feeds), _AT_ONCE):
            more |= await self._together(connection, feeds[start : start + _AT_ONCE])
        return more

    async def _together(self, connection: Connection, feeds: Sequence[Feed]) -> bool:
        wanted = [(feed, await self._room(connection, feed)) for feed in feeds]
        wanted = [(feed, through) for feed, through in wanted if through > feed.published]
        if not wanted:
            return False
        found = await streaming.entries(connection, wanted)
        results = await asyncio.gather(
            *(self._publish(feed, found[feed.id]) for feed, _ in wanted), return_exceptions=True
        )
        crash.point("after_streaming")
        reached = [
            (feed, found[feed.id][-1].position if len(found[feed.id]) == streaming.BATCH else through)
            for (feed, through), failure in zip(wanted, results, strict=True)
            if failure is None
        ]
        await streaming.advance(connection, reached)
        for failure in results:
            if failure is not None:
                raise failure
        return any(len(entries) == streaming.BATCH for entries in found.values())

    async def _publish(self, feed: Feed, entries: Sequence[rules.Entry]) -> None:
        if entries:
            await self._stream.publish(
                [
                    Message(
                        rules.subject(feed.tenant_id, feed.id, entry.action),
                        entry.body,
                        rules.headers(feed.id, feed.run, entry),
                    )
                    for entry in entries
                ]
            )

    async def _room(self, connection: Connection, feed: Feed) -> int:
        """Up to which position the stream may have a consumer's entries now.

        How far it has acknowledged is asked when what we know may be too old, and of one that stands still not often.
        """
        acked = feed.acked
        if feed.published - acked >= rules.MOST_AHEAD // 2:
            now = asyncio.get_running_loop().time()
            if now - self._asked.get(feed.id, 0.0) >= _ASK_SECONDS:
                self._asked[feed.id] = now
                acked = await self._upkeep.see_acknowledged(connection, feed)
        return min(feed.last, acked + rules.MOST_AHEAD)
