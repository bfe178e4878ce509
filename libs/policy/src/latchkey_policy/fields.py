"""Sets of field names: these only, or all but these.

Finite and co-finite sets of names are closed under and, or, not: a Boolean algebra, whatever fields the catalogue
gains or loses later. That is what makes "every field" a value one can calculate with.

Each name has a place, given when it is first met and kept for as long as the process lives; a set is the integer with
these bits. Python's integers have endless sign bits, so "all but these" is a negative one, and and, or, not of sets are
those of integers. Names are few: those that catalogues ever had.
"""

import threading
from collections.abc import Iterable
from typing import Final

import msgspec

_PLACES: Final[dict[str, int]] = {}
_NAMES: Final[list[str]] = []
_naming = threading.Lock()


class Fields(msgspec.Struct, frozen=True):
    """A set of names. Make one with `only` or `all_but`; ``bits`` mean something in this process only."""

    bits: int

    @property
    def but(self) -> bool:
        """Whether it holds every field there is or will be, except for `names`."""
        return self.bits < 0

    @property
    def names(self) -> frozenset[str]:
        bits, found = ~self.bits if self.bits < 0 else self.bits, []
        while bits:
            lowest = bits & -bits
            found.append(_NAMES[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(found)

    def __contains__(self, name: str) -> bool:
        place = _PLACES.get(name)
        return self.bits < 0 if place is None else bool(self.bits >> place & 1)

    def __bool__(self) -> bool:
        return self.bits != 0

    def __invert__(self) -> "Fields":
        return Fields(~self.bits)

    def __and__(self, other: "Fields") -> "Fields":
        return Fields(self.bits & other.bits)

    def __or__(self, other: "Fields") -> "Fields":
        return Fields(self.bits | other.bits)

    def __sub__(self, other: "Fields") -> "Fields":
        return Fields(self.bits & ~other.bits)

    def __le__(self, other: "Fields") -> bool:
        return not self.bits & ~other.bits


ALL = Fields(-1)
NONE = Fields(0)


def only(names: Iterable[str]) -> Fields:
    bits = 0
    for name in names:
        place = _PLACES.get(name)
        bits |= 1 << (_placed(name) if place is None else place)
    return Fields(bits)


def all_but(names: Iterable[str]) -> Fields:
    return ~only(names)


def _placed(name: str) -> int:
    with _naming:
        if name not in _PLACES:
            _NAMES.append(name)
            _PLACES[name] = len(_NAMES) - 1  # last: who finds a place finds the name, too
        return _PLACES[name]
