"""A few at a time: places that are taken while something costly is under way, so many for each who asks."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from latchkey_kit.web.problems import Problem


class Slots:
    """``most`` places in this process, ``each`` for one key, such as a tenant; ``refusal`` is what is said beyond."""

    def __init__(self, *, most: int, each: int, refusal: Callable[[], Problem]) -> None:
        self._most = most
        self._each = each
        self._refusal = refusal
        self._taken: Counter[str] = Counter()

    @contextlib.contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Take a place for the time of the block.

        Raises:
            Problem: there is none left.

        """
        if self._taken.total() >= self._most or self._taken[key] >= self._each:
            raise self._refusal()
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
