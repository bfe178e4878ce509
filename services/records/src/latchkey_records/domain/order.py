"""The order of a list: ``["-arr", "name"]`` is by falling ARR, then by name, and by id among equals.

Texts are in the order of their code points; empty values come last, whichever way.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from latchkey_records.domain.errors import Fault, Invalid, at, refuse
from latchkey_records.domain.kinds import Field

MOST_KEYS: Final = 3
_LONGEST: Final = 200
"""A cursor carries the values of its place, and must fit into an address."""


class Key(msgspec.Struct, frozen=True):
    field: Field
    falling: bool


Order = tuple[Key, ...]


def words(order: Order) -> str:
    """Say it as REST does: ``-arr,name``."""
    return ",".join(f"{'-' if key.falling else ''}{key.field.name}" for key in order)


def sortable(field: Field) -> bool:
    return field.longest <= _LONGEST


def read_order(given: object, visible: Mapping[str, Field]) -> Order:
    """Read ``sort``. A field that may not be viewed is as unknown as one that does not exist."""
    if not isinstance(given, (list, tuple)) or len(given) > MOST_KEYS:
        raise Invalid(Fault("/sort", f"Expected at most {MOST_KEYS} fields, each with a minus before it or without."))
    order: list[Key] = []
    faults: list[Fault] = []
    for place, word in enumerate(given):
        problem = _trouble(word, visible, order)
        if problem is None:
            order.append(Key(visible[word.removeprefix("-")], falling=word.startswith("-")))
        else:
            faults.append(Fault(at("sort", str(place)), problem))
    refuse(faults)
    return tuple(order)


def _trouble(word: object, visible: Mapping[str, Field], order: list[Key]) -> str | None:
    if not isinstance(word, str):
        return "Expected the name of a field, with a minus before it or without."
    name = word.removeprefix("-")
    if name not in visible:
        return f"There is no such field to sort by: {name[:80]}."
    if not sortable(visible[name]):
        return f"Its texts are too long to sort by: {name}."
    if any(key.field.name == name for key in order):
        return f"This is given twice: {name}."
    return None
