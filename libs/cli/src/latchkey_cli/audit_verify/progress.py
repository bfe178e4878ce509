"""Saying how far it is, when it takes long."""

import sys
import time

_EVERY_SECONDS = 2.0


class Progress:
    """A line on stderr now and then; none for what is done at once."""

    def __init__(self, tenants: int) -> None:
        self._tenants = tenants
        self._done = 0
        self._next = time.monotonic() + _EVERY_SECONDS

    def tenant(self) -> None:
        """One is done."""
        self._done += 1

    def tell(self, entries: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY_SECONDS
            tenants = "1 tenant" if self._tenants == 1 else f"{self._tenants} tenants"
            sys.stderr.write(f"{entries:,} entries, {self._done} of {tenants}\n")
            sys.stderr.flush()
