"""Crash points: the worst moments for a process to die at, so that tests can kill it exactly there.

====================  ==================================================================================
``after_commit``      a transaction is committed; nobody has been told yet
``after_numbering``   the relay has numbered events and committed that; nothing of it is published
``after_publish``     the stream has acknowledged events; they are not marked as published
``before_ack``        the effect of an event is committed; the event is not acknowledged
``after_ack``         the acknowledgement is handed to the connection
``after_streaming``   consumers' stream has entries of the audit log; it is not noted how far
====================  ==================================================================================

``CRASH_AT=after_numbering:3`` ends the process the third time that it comes by. Unset, a point compares two words.
"""

import os
import signal
from typing import Final

POINTS: Final = frozenset(
    {"after_commit", "after_numbering", "after_publish", "before_ack", "after_ack", "after_streaming"}
)


class _Trap:
    point = ""
    left = 0


_trap = _Trap()


def arm(text: str) -> None:
    """Name the point at which this process kills itself: ``<name>`` or ``<name>:<nth>``.

    Raises:
        ValueError: with a sentence, when there is no such point, or ``nth`` is no number from 1.

    """
    name, _, nth = text.partition(":")
    if name not in POINTS:
        raise ValueError(f"there is no crash point {name!r}; there are {', '.join(sorted(POINTS))}")
    if nth and not (nth.isascii() and nth.isdecimal() and int(nth)):
        raise ValueError(f"a crash point is followed by a number from 1, not by {nth!r}")
    _trap.point, _trap.left = name, int(nth or 1)


def point(name: str) -> None:
    """End here, at once and without any clean-up, if this is where it was asked for."""
    if name == _trap.point:
        _trap.left -= 1
        if not _trap.left:
            os.kill(os.getpid(), signal.SIGKILL)
