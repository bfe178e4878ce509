"""What the tests themselves saw: every acknowledged operation, every doubtful one, every broken promise."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from door import Fate, Outcome


@dataclass
class Record:
    """A record of ours, by its unique name. `sure` is the last value acknowledged, `maybe` what came in doubt since."""

    name: str
    id: str | None = None
    sure: str | None = None
    maybe: set[str] = field(default_factory=set)

    def written(self, value: str, fate: Fate) -> None:
        self.maybe.add(value)
        if fate is Fate.DONE:
            self.sure = value
            self.maybe.clear()


@dataclass
class Family:
    """A connection of which an app held tokens. `killed`: how, once that was acknowledged; `doubtful`: asked for."""

    id: str
    refreshed: int = 0
    killed: str | None = None
    doubtful: bool = False


class Ledger:
    """The memory of one test. `run` begins every request id and every record's name."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.outcomes: dict[str, list[Outcome]] = defaultdict(list)
        self.records: dict[str, Record] = {}
        self.families: dict[str, Family] = {}
        self.complaints: list[str] = []
        """What must never happen, as it was seen from outside."""
        self.gateway_starts = False
        """Traefik opens its doors before it has read its routes: for half a second it knows no path."""
        self.left_over: Counter[str] = Counter()
        """New consents that a cut answer cost: the documented price of a kill -9 between commit and answer."""

    def note(self, outcome: Outcome) -> None:
        self.outcomes[outcome.kind].append(outcome)
        reply = outcome.reply
        if reply.status == 500 and reply.body is not None:
            self.complain(outcome, "answered 500 in our own words")
        if 300 <= reply.status < 500 and reply.body is None and not self.gateway_starts:
            self.complain(outcome, "the gateway said no, in words of its own")
        if reply.status == 503 and reply.body is not None and reply.retry_after is None:
            self.complain(outcome, "answered 503 without Retry-After")

    def complain(self, outcome: Outcome, words: str) -> None:
        self.complaints.append(
            f"{outcome.kind} {outcome.request_id}: {words} ({outcome.reply.status} {outcome.reply.body})"
        )

    def all(self) -> list[Outcome]:
        return sorted((one for kind in self.outcomes.values() for one in kind), key=lambda one: one.sent)

    def summary(self) -> str:
        """How much there was."""
        fates = Counter(one.fate.value for one in self.all())
        told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
        own = Counter(one.reply.status for one in self.all() if one.fate is Fate.LOST)
        told += "".join(f"; {count} of the gateway's own {status or 'cut lines'}" for status, count in own.items())
        left = f"; new consents for a cut answer: {dict(self.left_over)}" if self.left_over else ""
        return f"{told}; {len(self.families)} connections, {len(self.records)} records{left}"
