"""How many failed sign-ins are answered as such before an account or address is asked to wait."""

from collections import OrderedDict

_MOST_KEYS = 50_000


class Throttle:
    """Counts failures by key in windows of ``window`` seconds, in memory; ``now`` is any steady count of seconds."""

    def __init__(self, *, limit: int, window: float) -> None:
        self._limit = limit
        self._window = window
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def failed(self, key: str, now: float) -> int:
        """Count a failure; returns the seconds to wait, 0 while the limit is not passed."""
        started, count = self._counts.pop(key, (now, 0))
        if now - started >= self._window:
            started, count = now, 0
        self._counts[key] = (started, count + 1)
        while len(self._counts) > _MOST_KEYS:
            self._counts.popitem(last=False)
        return max(1, round(started + self._window - now)) if count >= self._limit else 0

    def succeeded(self, key: str) -> None:
        self._counts.pop(key, None)
