"""What a verifier tells of itself: how fresh its knowledge is, and how its checks end."""

import contextlib
import math
from collections.abc import Iterator

from prometheus_client import Counter, Gauge

from latchkey_kit.telemetry.metrics import registry
from latchkey_verify.errors import InvalidToken, NoLease
from latchkey_verify.feed import Feed
from latchkey_verify.lease import Lease

_NAME = ("verifier",)
lease_held = Gauge("latchkey_verifier_lease_held", "1 while tokens can be checked locally.", _NAME, registry=registry)
staleness = Gauge(
    "latchkey_verifier_staleness_seconds",
    "Seconds since the ask was sent whose answer is applied; infinite before the first.",
    _NAME,
    registry=registry,
)
head = Gauge(
    "latchkey_verifier_head", "Number of the newest entry of the feed that is applied.", _NAME, registry=registry
)
entries = Gauge("latchkey_verifier_entries", "Kills and floors in memory.", _NAME, registry=registry)
checks = Counter(
    "latchkey_verifier_checks_total",
    "Checks of access tokens, by outcome: accepted, no_lease, or why the token was refused.",
    ("outcome",),
    registry=registry,
)
accepted = checks.labels("accepted")


def refused(error: InvalidToken | NoLease) -> None:
    """Count a check that did not accept."""
    checks.labels(error.reason if isinstance(error, InvalidToken) else "no_lease").inc()


@contextlib.contextmanager
def showing(name: str, feed: Feed, lease: Lease) -> Iterator[None]:
    """Show how fresh the verifier of this name is, for the time of the block."""
    shown = {
        lease_held: lambda: float(lease.held() and feed.trouble is None),
        staleness: lambda: math.inf if (age := lease.age()) is None else age,
        head: lambda: float(feed.applied),
        entries: lambda: float(feed.size),
    }
    for gauge, read in shown.items():
        gauge.labels(name).set_function(read)
    try:
        yield
    finally:
        for gauge in shown:
            gauge.remove(name)
