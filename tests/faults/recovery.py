"""How long each kind of operation was disturbed, and how long it took, from what the load saw."""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence

from door import Outcome
from ledger import Ledger
from load import KINDS

from latchkey_kit.testing import eventually

QUIET = 1.5  # seconds without a failure, before a trouble counts as over
NEVER = float("inf")


async def recovered(
    ledger: Ledger,
    *,
    since: float,
    within: float,
    back: Callable[[], bool] = lambda: True,
    kinds: Sequence[str] = KINDS,
) -> dict[str, float]:
    """Kind → seconds from `since` to the first success after its last failure; 0 for one that never failed.

    Returns as soon as all is quiet and `back`, at the latest `within` seconds after `since`: what still fails then has
    the time `NEVER`.
    """
    with contextlib.suppress(AssertionError):
        await eventually(
            lambda: back() and all(_is_over(ledger.outcomes[kind], since) for kind in kinds),
            timeout=since + within - time.monotonic(),
        )
    return {kind: _seconds(ledger.outcomes[kind], since) for kind in kinds}


def _is_over(outcomes: list[Outcome], since: float) -> bool:
    failures = [one.ended for one in outcomes if one.failed and one.ended > since]
    last = max(failures, default=since)
    return time.monotonic() > last + QUIET and any(one.done and one.sent > last for one in outcomes)


def _seconds(outcomes: list[Outcome], since: float) -> float:
    failed = [one.ended for one in outcomes if one.failed and one.ended > since]
    if not failed:
        return 0.0
    healed = [one.ended for one in outcomes if one.done and one.ended > max(failed)]
    return min(healed) - since if healed else NEVER


def longest(ledger: Ledger, since: float) -> dict[str, float]:
    """Kind → seconds of its longest time without an answer: from a failure to the next success."""
    return {kind: _longest(ledger.outcomes[kind], since) for kind in KINDS}


def _longest(outcomes: list[Outcome], since: float) -> float:
    longest, failing = 0.0, None
    for one in sorted((one for one in outcomes if one.ended > since), key=lambda one: one.ended):
        if one.failed:
            failing = failing or one.sent
        elif one.done and failing:
            longest, failing = max(longest, one.ended - failing), None
    return NEVER if failing else longest


def told(seconds: dict[str, float]) -> str:
    """For a report: the slowest first, and nothing about what was not disturbed."""
    disturbed = sorted(((took, kind) for kind, took in seconds.items() if took), reverse=True)
    return ", ".join(f"{kind} {took:.1f} s" for took, kind in disturbed) or "nothing was disturbed"


def slower(usual: dict[str, tuple[float, float]], now: dict[str, tuple[float, float]]) -> str:
    """For a report: the kind whose median grew most."""
    grown, kind = max((now[kind][0] / usual[kind][0], kind) for kind in now if kind in usual)
    return f"medians are at most {grown:.1f} times as long ({kind}: {usual[kind][0]:.0f} → {now[kind][0]:.0f} ms)"


def latencies(ledger: Ledger, start: float, end: float) -> dict[str, tuple[float, float]]:
    """Kind → median and 95th percentile in milliseconds, of what was acknowledged between the two moments."""
    found = {}
    for kind in KINDS:
        took = [1000 * (one.ended - one.sent) for one in ledger.outcomes[kind] if one.done and start < one.sent < end]
        if len(took) > 1:
            found[kind] = (statistics.median(took), statistics.quantiles(took, n=20)[-1])
    return found
