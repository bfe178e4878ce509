"""What is wrong with a log, and how much of it was looked at."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

_ONE: Final = {
    "tenants": "tenant", "entries": "entry", "checkpoints": "checkpoint", "stretches": "stretch", "lines": "line",
    "findings": "finding", "are": "is", "their": "its",
}  # fmt: skip
MOST: Final = 20
"""Findings of a kind and a tenant that are told."""
Kind = Literal["altered", "missing", "added", "reordered", "forged"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that is wrong with a tenant's log.

    ``position`` is where; ``through`` is another one where it can only be said that it lies between the two.
    ``event`` is the id of the entry that stands there, if there is one.
    """

    tenant: str
    kind: Kind
    position: int
    words: str
    event: str | None = None
    through: int | None = None

    def line(self, names: Mapping[str, str]) -> str:
        """For people; ``names`` are those of tenants, by id."""
        name = f" ({names[self.tenant]})" if self.tenant in names else ""
        where = f"position {self.position}" + (f" to {self.through}" if self.through else "")
        event = f", event {self.event}" if self.event else ""
        return f"{self.kind:<9} tenant {self.tenant}{name}, {where}{event}: {self.words}"


class Verdict(msgspec.Struct, kw_only=True):
    """What came of it all. ``unproven``: what could not be looked at, in sentences. ``names``: of tenants, by id."""

    findings: list[Finding] = []
    numbers: Counter[str] = msgspec.field(default_factory=Counter)
    unproven: list[str] = []
    names: Mapping[str, str] = {}

    def lines(self) -> str:
        counted = ", ".join(f"{number:,} {_counted(name, number)}" for name, number in self.numbers.items())
        bad = [finding.line(self.names) for finding in self.findings]
        if not bad and not self.unproven:
            bad = ["ok        every entry is what it was"]
        return "\n".join([*bad, *(f"unproven  {words}" for words in self.unproven), "", f"{counted}"]) + "\n"

    def json(self) -> str:
        told = {
            "proven": not self.findings and not self.unproven, "findings": self.findings,
            "unproven": self.unproven, "numbers": dict(self.numbers), "names": dict(self.names),
        }  # fmt: skip
        return msgspec.json.encode(told).decode() + "\n"


def _counted(name: str, number: int) -> str:
    return " ".join(_ONE.get(word, word) for word in name.split()) if number == 1 else name
