"""Entries of the feed that came in one stretch of time and are forgotten together."""

from latchkey_verify.marks import BearerMarks


class Generation:
    """Kills and floors by mark. Merging takes the maximum, so entries may come twice, late and in any order."""

    __slots__ = ("cutoffs", "dead", "floors", "highest")

    def __init__(self) -> None:
        self.highest = 0
        """Number of its newest entry."""
        self.dead: set[int] = set()
        """Connections, and signing keys: dead whenever they were born."""
        self.cutoffs: dict[int, int] = {}
        self.floors: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.dead) + len(self.cutoffs) + len(self.floors)

    def kills(self, marks: BearerMarks, born: int) -> bool:
        """Whether any kill of these marks reaches a connection with this number of birth."""
        if marks.connection in self.dead or marks.kid in self.dead:
            return True
        cutoffs = self.cutoffs
        if not cutoffs or cutoffs.keys().isdisjoint(marks.wide):
            return False
        return any(born <= cutoffs.get(mark, -1) for mark in marks.wide)


def raise_to(least: dict[int, int], mark: int, value: int) -> None:
    if value > least.get(mark, -1):
        least[mark] = value
