"""Parameters of the five operations, the same at every door.

==========  ============================================  ==================
operation   parameters                                    the right it needs
==========  ============================================  ==================
``list``    ``filter``, ``sort``, ``limit``, ``cursor``   ``view``
``get``     ``id``                                        ``view``
``create``  ``values``                                    ``create``
``update``  ``id``, ``values``                            ``update``
``remove``  ``id``                                        ``remove``
==========  ============================================  ==================

An export takes ``filter`` and ``sort`` of ``list``, and needs ``export``.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Literal, TypeGuard

import msgspec

from latchkey_contracts.ids import is_id
from latchkey_policy.names import WRITING, Action
from latchkey_policy.permissions import PermissionSet
from latchkey_records.domain import cursor, nesting, values
from latchkey_records.domain.conditions import Condition, read_filter
from latchkey_records.domain.cursor import Place
from latchkey_records.domain.errors import Fault, Invalid, LackingFields, NoSuchRecord, at, refuse
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.order import Order, read_order

Operation = Literal["list", "get", "create", "update", "remove"]
Given = Mapping[str, Any]

NEEDS: Final[dict[Operation, Action]] = {
    "list": "view",
    "get": "view",
    "create": "create",
    "update": "update",
    "remove": "remove",
}
TAKES: Final[dict[Operation, tuple[str, ...]]] = {
    "list": ("filter", "sort", "limit", "cursor"),
    "get": ("id",),
    "create": ("values",),
    "update": ("id", "values"),
    "remove": ("id",),
}
MOST: Final = 200
USUAL: Final = 50


class Selection(msgspec.Struct, frozen=True):
    """Which records, and in which order."""

    conditions: tuple[Condition, ...] = ()
    order: Order = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """``after`` is the place behind which it starts."""

    selection: Selection
    limit: int
    after: Place | None


def is_operation(word: str) -> TypeGuard[Operation]:
    return word in NEEDS


def touchable(kind: Kind, action: Action, permissions: PermissionSet) -> tuple[Field, ...]:
    """Name the fields of a model that an action may touch; for ``create`` and ``update`` the writable ones."""
    granted = permissions.fields(kind.name, action)
    writing = action in WRITING
    return tuple(field for field in kind.fields if field.name in granted and (field.writable or not writing))


def exportable(kind: Kind, permissions: PermissionSet) -> tuple[Field, ...]:
    """Name the fields that an export holds: those that may be viewed and exported."""
    viewed = permissions.fields(kind.name, "view")
    return tuple(field for field in touchable(kind, "export", permissions) if field.name in viewed)


def check_names(operation: Operation, given: Given) -> None:
    """Refuse parameters that the operation does not take."""
    check_taken(given, TAKES[operation])


def check_taken(given: Given, takes: Collection[str]) -> None:
    refuse(Fault(at(name), "There is no such parameter.") for name in given if name not in takes)


def read_selection(given: Given, visible: tuple[Field, ...], me: str) -> Selection:
    """Read ``filter`` and ``sort``. A field that may not be viewed is as unknown as one that does not exist."""
    by_name = {field.name: field for field in visible}
    conditions = read_filter(given.get("filter", {}), by_name, me)
    return Selection(conditions, read_order(given.get("sort", ()), by_name))


def read_page(kind: Kind, given: Given, visible: tuple[Field, ...], me: str) -> Page:
    """Read the parameters of ``list``."""
    selection = read_selection(given, visible, me)
    limit = given.get("limit", USUAL)
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise Invalid(Fault("/limit", f"Expected a whole number from 1 to {MOST}."))
    after = given.get("cursor")
    place = None if after is None else cursor.read(kind.name, selection.order, after)
    return Page(selection=selection, limit=limit, after=place)


def read_id(given: Given) -> str:
    """Read ``id``. A text that cannot be an id is no record's id."""
    value = given.get("id")
    if not isinstance(value, str):
        raise Invalid(Fault("/id", "Expected the id of a record."))
    if not is_id(value):
        raise NoSuchRecord
    return value


def read_values(
    kind: Kind, action: Literal["create", "update"], given: Given, permissions: PermissionSet, me: str
) -> dict[str, Any]:
    """Read ``values``: refuse unknown and read-only fields first, then those without the right, then bad values."""
    if "values" not in given:
        raise Invalid(Fault("/values", "This is missing."))
    sent, faults = nesting.flat(kind.fields, _object(given["values"], "/values"), "/values")
    read_only = (Fault(_pointer("/values", one), "This field is read-only.") for one in sent if not one.writable)
    refuse((*faults, *read_only))
    granted = set(touchable(kind, action, permissions))
    if lacking := tuple(field.name for field in sent if field not in granted):
        raise LackingFields(action, lacking)
    if action == "create":
        refuse(_missing(kind, sent, "/values"))
    return _read_all("/values", {field: sent[field] for field in kind.fields if field in sent}, me)


def read_stored(kind: Kind, record: object, pointer: str) -> tuple[str, dict[str, Any]]:
    """Read a record as it is loaded from outside: its id, and any field that is kept."""
    given = dict(_object(record, pointer))
    record_id = given.pop("id", None)
    sent, faults = nesting.flat((field for field in kind.fields if not field.calculated), given, pointer)
    if not is_id(record_id):
        faults.append(Fault(f"{pointer}/id", "Expected an id."))
    refuse((*faults, *_missing(kind, sent, pointer)))
    return str(record_id), _read_all(pointer, sent, me=None)


def _missing(kind: Kind, sent: Collection[Field], pointer: str) -> Iterator[Fault]:
    for field in kind.fields:
        if field.required and field not in sent:
            yield Fault(_pointer(pointer, field), "This is missing.")


def _read_all(pointer: str, given: Mapping[Field, object], me: str | None) -> dict[str, Any]:
    """Give the values by the names of their fields."""
    found: dict[str, Any] = {}
    faults = []
    for field, value in given.items():
        try:
            found[field.name] = values.read(field, value, me)
        except ValueError as error:
            faults.append(Fault(_pointer(pointer, field), str(error)))
    refuse(faults)
    return found


def _object(value: object, pointer: str) -> Given:
    if not isinstance(value, dict):
        raise Invalid(Fault(pointer, "Expected an object."))
    return value


def _pointer(base: str, field: Field) -> str:
    return base + at(*field.path)
