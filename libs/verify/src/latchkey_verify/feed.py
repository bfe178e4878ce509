"""The local copy of the feed: kills, floors, and how far we have it.

Merging is idempotent and takes the maximum, so entries may come twice, late and in any order. Only an answered pull
moves the head. A kill is remembered as long as the process lives: 16 bytes and a place in a set, about 100 MB for a
million. Beyond the limit nothing is forgotten in silence: the copy then counts as unreadable, and there is no lease.
"""

from collections.abc import Iterable
from typing import Final

from latchkey_contracts import feed
from latchkey_contracts.feed import Entry, Page
from latchkey_verify.bearer import Bearer

MOST_ENTRIES: Final = 4_000_000
"""Kills and floors together."""


class Feed:
    """What this verifier knows. ``head`` counts within ``epoch``; both are unknown until a full snapshot is merged."""

    def __init__(self, limit: int = MOST_ENTRIES) -> None:
        self.epoch: str | None = None
        self.head = 0
        self.complete = False
        self.trouble: str | None = None
        """Why the copy cannot be trusted until this process is replaced."""
        self._limit = limit
        self._connections: set[bytes] = set()
        self._floors: dict[str, dict[str, int]] = {kind: {} for kind in feed.FLOORS}

    def is_dead(self, bearer: Bearer) -> bool:
        """Whether any kill names the bearer. The one place that decides it."""
        return bytes.fromhex(bearer.connection) in self._connections

    def floor(self, kind: str, key: str) -> int:
        """The least revision that is still good; 0 when nothing changed since the feed began."""
        return self._floors[kind].get(key, 0)

    @property
    def size(self) -> int:
        """Kills and floors in memory."""
        return len(self._connections) + sum(map(len, self._floors.values()))

    def merge(self, entries: Iterable[Entry]) -> None:
        """Take entries in, from a push or a pull."""
        for entry in entries:
            self._take(entry)
        if self.size > self._limit:
            self.trouble = f"the copy of the feed is full: {self._limit} entries"

    def apply(self, asked_after: int, page: Page) -> bool:
        """Take in the answer to a pull; whether we now have everything up to the head of the feed.

        Entries first, then the head. Another epoch, or a head below ours, means that the feed is not the one we knew:
        what we hold stays, but counts as incomplete until a full snapshot is merged into it.
        """
        self.merge(page.entries)
        if asked_after == 0 and page.epoch != self.epoch:
            self.epoch, self.head, self.complete = page.epoch, 0, False
        if page.epoch != self.epoch or page.head < self.head:
            self._start_over()
            return False
        self.head = page.head
        self.complete = self.complete or not page.more
        return not page.more and self.trouble is None

    def _start_over(self) -> None:
        self.epoch, self.head, self.complete = None, 0, False

    def _take(self, entry: Entry) -> None:
        if entry.kind == feed.CONNECTION:
            self._kill_connection(entry.key)
        elif entry.kind in feed.FLOORS:
            floors = self._floors[entry.kind]
            floors[entry.key] = max(floors.get(entry.key, 0), entry.value)
        else:
            self.trouble = f"the feed has a kind of entry that this release does not know: {entry.kind[:40]}"

    def _kill_connection(self, key: str) -> None:
        try:
            self._connections.add(bytes.fromhex(key))
        except ValueError:
            self.trouble = "the feed has a kill that cannot be read"
