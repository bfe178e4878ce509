"""Asking for the feed, four times a second: what makes the copy true even when every push is lost."""

import asyncio
from typing import Final, Protocol

import msgspec
import structlog

from latchkey_contracts.feed import PULL_PATH, Page
from latchkey_kit.clock import Clock
from latchkey_verify.feed import Feed
from latchkey_verify.lease import Lease

SLOWEST: Final = 1.0
"""Seconds between two asks, and for one answer, at most."""
log = structlog.get_logger()


class Source(Protocol):
    """What is asked of the token service."""

    async def send(self, method: str, path: str, *, params: dict[str, str]) -> bytes: ...


class Puller:
    """Pulls pages into a feed and renews the lease. ``interval`` is in seconds."""

    def __init__(self, source: Source, feed: Feed, lease: Lease, clock: Clock, name: str, interval: float) -> None:
        self._source = source
        self._feed = feed
        self._lease = lease
        self._clock = clock
        self._name = name
        self._interval = interval
        self._failures = 0

    async def run(self) -> None:
        """Pull for ever. Failures slow it down a little; nothing stops it."""
        while True:
            try:
                await self.pull()
                self._report_back()
            except Exception as error:  # noqa: BLE001 - whatever went wrong must not leave every token refused for good
                self._report_failure(error)
            await asyncio.sleep(min(self._interval * 2 ** min(self._failures, 4), max(SLOWEST, self._interval)))

    async def pull(self) -> None:
        """Ask once, and again while the answer says that there is more."""
        applied, more = self._feed.applied, True
        while more:
            after, sent = self._feed.head, self._clock.boot()
            page = await self._ask(after)
            if self._feed.apply(after, page):
                self._lease.renew(sent)
            elif not self._feed.complete:
                self._lease.end()
            more = page.more and self._feed.head > after
        if self._feed.applied not in {0, applied}:
            log.info("feed_applied", instance=self._name, epoch=self._feed.epoch, head=self._feed.applied)

    async def _ask(self, after: int) -> Page:
        params = {"after": str(after), "verifier": self._name, "applied": str(self._feed.applied)}
        async with asyncio.timeout(SLOWEST):
            body = await self._source.send("GET", PULL_PATH, params=params)
        return msgspec.json.decode(body, type=Page)

    def _report_back(self) -> None:
        if self._failures:
            log.info("feed_reached_again", failures=self._failures)
        self._failures = 0

    def _report_failure(self, error: Exception) -> None:
        if not self._failures:
            log.warning("feed_unreachable", reason=type(error).__name__, detail=str(error)[:200])
        self._failures += 1
