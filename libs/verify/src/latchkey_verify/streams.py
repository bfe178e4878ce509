"""Open streams: each is told, once, when its bearer may no longer be served."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Protocol

from latchkey_verify.bearer import Bearer
from latchkey_verify.errors import InvalidToken, NoLease
from latchkey_verify.feed import Feed
from latchkey_verify.lease import Lease

Reason = InvalidToken | NoLease
Told = Callable[[Reason], None]


class Confirms(Protocol):
    """What decides about a bearer."""

    def confirm(self, bearer: Bearer) -> None: ...


class _Stream:
    __slots__ = ("bearer", "era", "marks", "told")

    def __init__(self, bearer: Bearer, told: Told, feed: Feed) -> None:
        self.bearer = bearer
        self.told = told
        self.era = feed.era
        marks = feed.marks_of(bearer)
        self.marks = (marks.connection, marks.kid, *marks.wide)


class Streams:
    """A kill is looked up by its mark, so it costs what it cuts, however many streams are open."""

    def __init__(self, feed: Feed, lease: Lease, confirms: Confirms) -> None:
        self._feed = feed
        self._lease = lease
        self._confirms = confirms
        self._open: set[_Stream] = set()
        self._by_mark: defaultdict[int, set[_Stream]] = defaultdict(set)

    @contextlib.contextmanager
    def watching(self, bearer: Bearer, told: Told) -> Iterator[None]:
        """Tell why the bearer may no longer be served, should that come about during the block.

        Raises:
            InvalidToken, NoLease: it may not be served now.

        """
        self._confirms.confirm(bearer)
        stream = _Stream(bearer, told, self._feed)
        self._open.add(stream)
        for mark in stream.marks:
            self._by_mark[mark].add(stream)
        try:
            yield
        finally:
            self._close(stream)

    def refusal(self, bearer: Bearer) -> Reason | None:
        """Why a bearer may not be served now."""
        try:
            self._confirms.confirm(bearer)
        except (InvalidToken, NoLease) as reason:
            return reason
        return None

    def killed(self, mark: int) -> None:
        """Look at the streams that a new kill may mean."""
        for stream in tuple(self._by_mark.get(mark, ())):
            self._look_at(stream)

    def look(self) -> None:
        """Look for what no kill tells: expiry, a lost lease, a feed that started over."""
        for stream in tuple(self._open):
            self._look_at(stream)

    async def run(self, interval: float) -> None:
        """Look every ``interval`` seconds, and when the lease ends, for ever."""
        while True:
            self.look()
            left = self._lease.left()
            await asyncio.sleep(min(left, interval) if left else interval)

    def _look_at(self, stream: _Stream) -> None:
        reason = self.refusal(stream.bearer)
        if reason is None and stream.era != self._feed.era:  # it was without a lease, and is filed under old marks
            reason = NoLease("the feed started over")
        if reason is not None:
            self._close(stream)
            stream.told(reason)

    def _close(self, stream: _Stream) -> None:
        self._open.discard(stream)
        for mark in stream.marks:
            self._by_mark[mark].discard(stream)
            if not self._by_mark[mark]:
                del self._by_mark[mark]
