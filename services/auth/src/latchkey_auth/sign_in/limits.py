"""How many failed sign-ins an account and an address may have before they are asked to wait."""

from latchkey_auth.domain.throttle import Throttle
from latchkey_kit.clock import Clock
from latchkey_kit.telemetry import facts

_WINDOW = 15 * 60.0
_PER_ACCOUNT = 10
_PER_ADDRESS = 100


class SignInLimits:
    """``factor`` multiplies the limits; local mode has 100."""

    def __init__(self, clock: Clock, factor: int) -> None:
        self._clock = clock
        self._accounts = Throttle(limit=_PER_ACCOUNT * factor, window=_WINDOW)
        self._addresses = Throttle(limit=_PER_ADDRESS * factor, window=_WINDOW)

    def failed(self, email: str) -> int:
        """Count a failure, of a known account or not; returns the seconds to wait, 0 for none."""
        now = self._clock.boot()
        address = facts.current().address or ""
        return max(self._accounts.failed(email, now), self._addresses.failed(address, now))

    def succeeded(self, email: str) -> None:
        self._accounts.succeeded(email)
