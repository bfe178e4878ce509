"""The local copy of the feed: kills, floors, and how far we have it.

Merging is idempotent and takes the maximum, so entries may come twice, late and in any order. Only an answered pull
moves the head. What is numbered up to the horizon of the feed concerns only tokens that have expired, and is forgotten
a generation at a time: the old one goes when the horizon has passed all of it, and the young one takes its place.
Beyond the limit nothing is forgotten in silence: the copy then counts as unreadable, and there is no lease.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from latchkey_contracts import feed
from latchkey_contracts.feed import Entry, Page
from latchkey_verify.bearer import Bearer
from latchkey_verify.generation import Generation, raise_to
from latchkey_verify.marks import BearerMarks, Marks

MOST_ENTRIES: Final = 4_000_000
"""Kills and floors together."""
_MARK = re.compile(r"[0-9a-f]{32}")


def _nobody(_mark: int) -> None:
    """Hear of a kill."""


class Feed:
    """What this verifier knows. ``head`` counts within ``epoch``; both are unknown until a snapshot is begun.

    ``era`` counts the snapshots begun: numbers of different eras cannot be compared. ``forgotten`` is the highest
    number that we may no longer know of. ``heard`` is called with the mark of every kill that is taken in.
    """

    def __init__(self, limit: int = MOST_ENTRIES) -> None:
        self.epoch: str | None = None
        self.salt: str | None = None
        self.head = 0
        self.complete = False
        self.era = 0
        self.forgotten = 0
        self.trouble: str | None = None
        """Why the copy cannot be trusted until this process is replaced."""
        self.heard: Callable[[int], None] = _nobody
        self._limit = limit
        self._marks = Marks(b"")
        self._young, self._old = Generation(), Generation()

    def is_dead(self, bearer: Bearer) -> bool:
        """Whether any kill names the bearer. The one place that decides it."""
        marks, born = self._marks.of(bearer), bearer.born
        return self._young.kills(marks, born) or self._old.kills(marks, born)

    def marks_of(self, bearer: Bearer) -> BearerMarks:
        """By what the feed would kill the bearer, in this era."""
        return self._marks.of(bearer)

    def mark(self, kind: str, key: str) -> int:
        """What the feed calls a key, in this era."""
        return self._marks.one(kind, key)

    def floor(self, mark: int) -> int:
        """The least revision that is still good; 0 when no change is known of."""
        return max(self._young.floors.get(mark, 0), self._old.floors.get(mark, 0))

    @property
    def applied(self) -> int:
        """The head that we decide by: 0 while a snapshot is being read."""
        return self.head if self.complete else 0

    @property
    def size(self) -> int:
        """Kills and floors in memory."""
        return len(self._young) + len(self._old)

    def hear(self, page: Page) -> None:
        """Take in a push: its entries only, and only if they are marked with the salt that our pulls told us."""
        if self.salt is not None and page.salt == self.salt:
            self._merge(page.entries)

    def apply(self, asked_after: int, page: Page) -> bool:
        """Take in the answer to a pull; whether we now have everything up to the head of the feed.

        Entries first, then the head. Another epoch or salt, or a head below ours, means that the feed is not the one we
        knew: what we hold stays, but counts as incomplete until a full snapshot is merged into it.

        Raises:
            ValueError: the page names no salt that we can use.

        """
        source = (page.epoch, page.salt)
        if asked_after == 0 and source != (self.epoch, self.salt):
            self._begin(page)
        if page.salt == self.salt:
            self._merge(page.entries)
        if source != (self.epoch, self.salt) or page.head < self.head:
            self._start_over()
            return False
        if asked_after < page.horizon:  # what lies between was left out
            self.forgotten = max(self.forgotten, page.horizon)
        self._expire(page.horizon)
        self.head = page.head
        self.complete = self.complete or not page.more
        return not page.more and self.trouble is None

    def _begin(self, page: Page) -> None:
        if page.salt != self.salt:  # marks under another salt say nothing to us
            self._marks = Marks(_salt_of(page))
            self.salt = page.salt
            self._young, self._old = Generation(), Generation()
        self._start_over()
        self.epoch = page.epoch
        self.forgotten = 0
        self.era += 1

    def _start_over(self) -> None:
        self.epoch, self.head, self.complete = None, 0, False

    def _expire(self, horizon: int) -> None:
        if self._old.highest <= horizon and self.size:
            self.forgotten = max(self.forgotten, self._old.highest)
            self._old, self._young = self._young, Generation()

    def _merge(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._take(entry)
        if self.size > self._limit:
            self.trouble = f"the copy of the feed is full: {self._limit} entries"

    def _take(self, entry: Entry) -> None:
        if entry.kind not in feed.KILLS and entry.kind not in feed.FLOORS:
            self.trouble = f"the feed has a kind of entry that this release does not know: {entry.kind[:40]}"
        elif not _MARK.fullmatch(entry.key):
            self.trouble = "the feed has an entry that cannot be read"
        else:
            self._keep(entry, int(entry.key, 16))

    def _keep(self, entry: Entry, mark: int) -> None:
        # The old generation stays until the horizon has passed its highest number, so it may hold any below that.
        generation = self._old if entry.number <= self._old.highest else self._young
        generation.highest = max(generation.highest, entry.number)
        if entry.kind in feed.FLOORS:
            raise_to(generation.floors, mark, entry.value)
            return
        if entry.kind in feed.WIDE:
            raise_to(generation.cutoffs, mark, entry.value)
        else:
            generation.dead.add(mark)
        self.heard(mark)


def _salt_of(page: Page) -> bytes:
    salt = bytes.fromhex(page.salt)
    if not salt:
        raise ValueError("the feed names no salt")
    return salt
