"""What a rule says: a line for people, an object for programs."""

from collections import Counter
from typing import Literal

import msgspec

State = Literal["ok", "FAIL", "skip"]
MOST_OFFENDERS = 10


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``numbers`` say how much was looked at. ``offenders`` are the first of those that break the rule, by id.

    ``skip``: there was nothing to look at, so nothing is proven.
    """

    rule: str
    state: State
    words: str
    numbers: dict[str, int]
    broken: int = 0
    offenders: tuple[str, ...] = ()


class Tally:
    """Gathers what a rule sees, in little memory however much breaks it. ``words`` is what holds when nothing does."""

    def __init__(self, rule: str, words: str) -> None:
        self._rule = rule
        self._words = words
        self._numbers: Counter[str] = Counter()
        self._offenders: list[str] = []
        self._broken = 0

    def count(self, name: str, number: int = 1) -> None:
        self._numbers[name] += number

    def broke(self, offender: str) -> None:
        """Note one that breaks the rule: what it is, its id, and how."""
        self._broken += 1
        if len(self._offenders) < MOST_OFFENDERS:
            self._offenders.append(offender)

    def finding(self) -> Finding:
        return Finding(
            rule=self._rule,
            state="FAIL" if self._broken else "ok",
            words=self._words,
            numbers=dict(self._numbers),
            broken=self._broken,
            offenders=tuple(self._offenders),
        )


def skipped(rule: str, why: str) -> Finding:
    return Finding(rule=rule, state="skip", words=why, numbers={})
