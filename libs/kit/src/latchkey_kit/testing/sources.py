"""Time and randomness that a test decides."""

import datetime as dt
import random  # noqa: TID251 - what repeats is the point here

_START = dt.datetime(2026, 1, 1, 12, 0, tzinfo=dt.UTC)


class ManualClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: dt.datetime = _START, boot: float = 1000.0) -> None:
        self._now = now
        self._boot = boot

    def now(self) -> dt.datetime:
        return self._now

    def boot(self) -> float:
        return self._boot

    def advance(self, seconds: float) -> None:
        """Move both clocks."""
        self._now += dt.timedelta(seconds=seconds)
        self._boot += seconds

    def set(self, now: dt.datetime) -> None:
        """Move the wall clock alone, as an administrator or NTP does."""
        self._now = now


class SeededEntropy:
    """The same bytes for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - tests only

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)
