"""What is wrong with a log, and how much of it was looked at."""

from collections import Counter
from typing import Literal

import msgspec

Kind = Literal["altered", "missing", "added", "reordered", "forged"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that is wrong with a tenant's log.

    ``position`` is where; ``through`` is another one where it can only be said that it lies between the two.
    ``event`` is the id of the entry that stands there, if there is one.
    """

    tenant: str
    kind: Kind
    position: int
    words: str
    event: str | None = None
    through: int | None = None

    def line(self) -> str:
        where = f"position {self.position}" + (f" to {self.through}" if self.through else "")
        event = f", event {self.event}" if self.event else ""
        return f"{self.kind:<9} tenant {self.tenant}, {where}{event}: {self.words}"


class Verdict(msgspec.Struct, kw_only=True):
    """What came of it all. ``unproven``: what could not be looked at, in sentences."""

    findings: list[Finding] = []
    numbers: Counter[str] = msgspec.field(default_factory=Counter)
    unproven: list[str] = []

    def lines(self) -> str:
        counted = ", ".join(f"{number:,} {name}" for name, number in self.numbers.items())
        bad = [finding.line() for finding in self.findings]
        if not bad:
            bad = ["ok        every entry is what it was"]
        return "\n".join([*bad, *(f"unproven  {words}" for words in self.unproven), "", f"{counted}"]) + "\n"

    def json(self) -> str:
        told = {
            "proven": not self.findings and not self.unproven, "findings": self.findings,
            "unproven": self.unproven, "numbers": dict(self.numbers),
        }  # fmt: skip
        return msgspec.json.encode(told).decode() + "\n"
