"""Sets of field names: these only, or all but these.

Finite and co-finite sets of names are closed under and, or, not: a Boolean algebra, whatever fields the catalogue
gains or loses later. That is what makes "every field" a value one can calculate with.
"""

from collections.abc import Iterable

import msgspec


class Fields(msgspec.Struct, frozen=True):
    """`names` only, or, with `but`, every field there is or will be but `names`."""

    names: frozenset[str]
    but: bool = False

    def __contains__(self, name: str) -> bool:
        return (name in self.names) is not self.but

    def __bool__(self) -> bool:
        return self.but or bool(self.names)

    def __invert__(self) -> "Fields":
        return Fields(self.names, not self.but)

    def __and__(self, other: "Fields") -> "Fields":
        if self is other or (other.but and not other.names):
            return self
        if self.but:
            return Fields(self.names | other.names, but=True) if other.but else Fields(other.names - self.names)
        left = self.names - other.names if other.but else self.names & other.names
        return self if len(left) == len(self.names) else Fields(left)

    def __or__(self, other: "Fields") -> "Fields":
        return ~(~self & ~other)

    def __sub__(self, other: "Fields") -> "Fields":
        return self & ~other

    def __le__(self, other: "Fields") -> bool:
        return not self - other


ALL = Fields(frozenset(), but=True)
NONE = Fields(frozenset())


def only(names: Iterable[str]) -> Fields:
    return Fields(frozenset(names))


def all_but(names: Iterable[str]) -> Fields:
    return Fields(frozenset(names), but=True)
