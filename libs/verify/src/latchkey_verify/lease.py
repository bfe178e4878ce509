"""How long we may trust what we know."""

from latchkey_kit.clock import Clock


class Lease:
    """Counted on the boot clock, which goes on while the machine sleeps. ``length`` is in seconds."""

    def __init__(self, clock: Clock, length: float) -> None:
        self._clock = clock
        self._length = length
        self._since: float | None = None

    def renew(self, sent: float) -> None:
        """Start anew at ``sent``: when the ask was sent whose answer is now applied, not when the answer came."""
        self._since = sent

    def end(self) -> None:
        self._since = None

    def held(self) -> bool:
        return self._since is not None and self._clock.boot() - self._since < self._length

    def age(self) -> float | None:
        """Seconds since it began; ``None`` when there is nothing that we may trust."""
        return None if self._since is None else self._clock.boot() - self._since

    def left(self) -> float:
        """Seconds until it ends; 0 when it is not held."""
        return 0.0 if self._since is None else max(0.0, self._since + self._length - self._clock.boot())
