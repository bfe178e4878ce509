"""Filters: what a field's value must be, as in ``{"city": "Oslo", "arr": {"gte": 5000}}``."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from latchkey_records.domain import values
from latchkey_records.domain.errors import Fault, Invalid, at, refuse
from latchkey_records.domain.kinds import Field, Type

Operator = Literal["eq", "gt", "gte", "lt", "lte", "prefix"]
_ORDERED: Final[tuple[Operator, ...]] = ("gt", "gte", "lt", "lte")
COMPARISONS: Final[dict[Type, tuple[Operator, ...]]] = {
    "text": ("prefix",),
    "email": ("prefix",),
    "number": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
}
"""What a field can be asked for besides an equal value."""


class Condition(msgspec.Struct, frozen=True):
    field: Field
    operator: Operator
    value: Any


def read_filter(given: object, visible: Mapping[str, Field], me: str) -> tuple[Condition, ...]:
    """Read ``filter``. A field that may not be viewed is as unknown as one that does not exist."""
    if not isinstance(given, dict):
        raise Invalid(Fault("/filter", "Expected an object."))
    refuse(Fault(at("filter", name), "There is no such field to filter by.") for name in given if name not in visible)
    found: list[Condition] = []
    faults: list[Fault] = []
    for name, wanted in given.items():
        field = visible[name]
        for operator, value, pointer in _asked(name, wanted):
            try:
                found.append(Condition(field, *_compared(field, operator, value, me)))
            except ValueError as error:
                faults.append(Fault(pointer, str(error)))
    refuse(faults)
    return tuple(found)


def _asked(name: str, wanted: object) -> list[tuple[str, object, str]]:
    if not isinstance(wanted, dict) or not wanted:
        return [("eq", wanted, at("filter", name))]
    return [(operator, value, at("filter", name, operator)) for operator, value in wanted.items()]


def _compared(field: Field, operator: str, value: object, me: str) -> tuple[Operator, Any]:
    if operator == "eq":
        if value is None:
            raise ValueError("A filter needs a value.")
        return "eq", values.read(field, value, me)
    known = next((one for one in COMPARISONS.get(field.type, ()) if one == operator), None)
    if known is None:
        possible = ", ".join(COMPARISONS.get(field.type, ())) or "equal values only"
        raise ValueError(f"This field is not compared like that: there is {possible}.")
    if value is None:
        raise ValueError("A filter needs a value.")
    return known, values.read_prefix(field, value) if known == "prefix" else values.read(field, value, me)
