"""What this package raises.

InvalidToken              the token is no good here: 401
PeerUnavailable (kit)
├── NoLease               we may not decide right now: 503, never 401
└── RightsUnavailable     the rights are not known freshly enough: 503, never 403
"""

from latchkey_kit.requests import PeerUnavailable


class InvalidToken(Exception):  # noqa: N818 - named after the error code of RFC 6750 §3.1
    """``reason`` is one word for the log; the caller is told no more than ``invalid_token``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoLease(PeerUnavailable):
    """The token service has not been heard of for a lease, or said something that we cannot read."""


class RightsUnavailable(PeerUnavailable):
    """The permissions service is away, or its answer is older than a floor of the feed."""
