"""Time as a parameter: nothing else in Latchkey reads a clock."""

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """What code asks for when it needs the time."""

    def now(self) -> dt.datetime:
        """Wall-clock time, aware, UTC."""
        ...

    def boot(self) -> float:
        """Seconds since boot, suspended time included (CLOCK_BOOTTIME): for leases and durations."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)  # noqa: TID251 - the one place that reads it

    def boot(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
