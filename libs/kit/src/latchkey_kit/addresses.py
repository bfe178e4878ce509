"""Which instance of a service to ask next."""

from typing import Final

REST_SECONDS: Final = 2.0
"""How long an instance that failed is left alone, while another works."""


class Addresses:
    """The instances of one service. ``urls`` are their base addresses, comma-separated. Moments are in seconds."""

    def __init__(self, urls: str) -> None:
        self._all = tuple(url.strip().rstrip("/") for url in urls.split(",") if url.strip())
        self._resting: dict[str, float] = {}
        self._turn = 0

    def in_turn(self, now: float) -> tuple[str, ...]:
        """All of them, the one to ask first at the front: those that work take turns, those that failed come last.

        One whose rest is over takes its turn again, but until it has answered only for one request in so long.
        """
        if len(self._all) < 2:
            return self._all
        awake = [url for url in self._all if self._resting.get(url, now) <= now]
        asleep = [url for url in self._all if url not in awake]
        self._turn += 1
        start = self._turn % len(awake) if awake else 0
        order = (*awake[start:], *awake[:start], *asleep)
        if order[0] in self._resting:
            self.failed(order[0], now)
        return order

    def failed(self, url: str, now: float) -> None:
        self._resting[url] = now + REST_SECONDS

    def answered(self, url: str) -> None:
        self._resting.pop(url, None)
