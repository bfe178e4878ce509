"""How many failed sign-ins an account and an address may have before they are asked to wait."""

import contextlib
import ipaddress
from collections import Counter
from collections.abc import Iterator

from latchkey_auth.domain.people import MAX_EMAIL
from latchkey_auth.domain.throttle import Throttle
from latchkey_kit.clock import Clock
from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import unavailable

_WINDOW = 15 * 60.0
_PER_ACCOUNT = 10
_PER_ADDRESS = 100
_AT_ONCE = 16
"""Passwords of one address that may wait to be checked: a quarter of what may wait at all."""
_SITE = 64
"""Bits of an IPv6 address that are one customer's: the rest they choose."""


class SignInLimits:
    """``factor`` multiplies the limits; local mode has 100.

    An account that fails too often from one address is not checked there any more, whatever the password: that is what
    stops guessing. The other limits change only the answers to failures, so that nobody elsewhere is locked out.
    """

    def __init__(self, clock: Clock, factor: int) -> None:
        self._clock = clock
        self._accounts_there = Throttle(limit=_PER_ACCOUNT * factor, window=_WINDOW)
        self._accounts = Throttle(limit=_PER_ACCOUNT * factor, window=_WINDOW)
        self._addresses = Throttle(limit=_PER_ADDRESS * factor, window=_WINDOW)
        self._at_once = _AT_ONCE * factor
        self._under_way = Counter[str]()

    @contextlib.contextmanager
    def checking(self) -> Iterator[None]:
        """Around the check of a password: refuse (503) an address that would take the place of all others."""
        site = _site()
        if self._under_way[site] >= self._at_once:
            raise unavailable(2, private="too many passwords of one address are waiting to be checked")
        self._under_way[site] += 1
        try:
            yield
        finally:
            self._under_way[site] -= 1
            if not self._under_way[site]:
                del self._under_way[site]

    def begun(self, email: str) -> int:
        """Count an attempt, as failed until it succeeds: many at once count, too.

        Gives the seconds to wait; 0 when the password may be checked.
        """
        return self._accounts_there.failed(_there(_key(email)), self._clock.boot())

    def failed(self, email: str) -> int:
        """Count a failure, of a known account or not; returns the seconds to wait, 0 for none."""
        now = self._clock.boot()
        return max(self._accounts.failed(_key(email), now), self._addresses.failed(_site(), now))

    def succeeded(self, email: str) -> None:
        self._accounts_there.succeeded(_there(_key(email)))
        self._accounts.succeeded(_key(email))


def _key(email: str) -> str:
    """No account has a longer one, and what is kept in memory must have an end."""
    return email[: MAX_EMAIL + 1]


def _there(email: str) -> str:
    return f"{_site()} {email}"


def _site() -> str:
    """Where the request comes from."""
    text = facts.current().address or ""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return text
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address), _SITE), strict=False))
