"""Numbers that later ones jumped over: waited for a while, then asked for, ever more seldom, and told."""

import msgspec
import structlog

from latchkey_audit.store.arrivals import Reach, Stretch
from latchkey_kit.clock import Clock

PATIENCE_SECONDS = 15.0
"""Until then it may be on the way, or with an instance that just ended: NATS gives that one ten seconds."""
LONGEST_PAUSE_SECONDS = 3600.0
TOLD_SECONDS = 60.0
log = structlog.get_logger()


class _Hole(msgspec.Struct, kw_only=True):
    first: int
    last: int
    since: float
    ask_at: float
    pause: float = PATIENCE_SECONDS
    is_told: bool = False


class Gaps:
    """What this instance has seen so far. Each of several asks for itself; the source takes that as one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], list[_Hole]] = {}

    def see(self, reach: Reach) -> tuple[Stretch, ...]:
        """Look at how far one source's events are here now; returns what to ask for."""
        now, about = self._clock.boot(), (reach.source, reach.epoch)
        holes = [self._hole(about, first, last, now) for first, last in reach.holes]
        self._known[about] = holes
        if late := [hole for hole in holes if not hole.is_told and now - hole.since >= TOLD_SECONDS]:
            log.error(
                "events_missing",
                source=reach.source,
                epoch=reach.epoch,
                ranges=[(hole.first, hole.last) for hole in late],
                missing=reach.missing,
            )
            for hole in late:
                hole.is_told = True
        return tuple((hole.first, hole.last) for hole in holes if _is_due(hole, now))

    def overdue(self, reach: Reach) -> int:
        """How many numbers have been waited for in vain, by what was seen last."""
        now, holes = self._clock.boot(), self._known.get((reach.source, reach.epoch), [])
        young = [hole for hole in holes if now - hole.since < PATIENCE_SECONDS]
        return reach.missing - sum(hole.last - hole.first + 1 for hole in young)

    def _hole(self, about: tuple[str, str], first: int, last: int, now: float) -> _Hole:
        """As it is known. What is left of one that is being filled is as old as that."""
        for known in self._known.get(about, ()):
            if known.first <= first and last <= known.last:
                return msgspec.structs.replace(known, first=first, last=last)
        return _Hole(first=first, last=last, since=now, ask_at=now + PATIENCE_SECONDS)


def _is_due(hole: _Hole, now: float) -> bool:
    if now < hole.ask_at:
        return False
    hole.pause = min(hole.pause * 2, LONGEST_PAUSE_SECONDS)
    hole.ask_at = now + hole.pause
    return True
