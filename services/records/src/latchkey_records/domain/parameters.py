"""Parameters of the five operations, the same at every door.

==========  ==================================  =====================
operation   parameters                          the right it needs
==========  ==================================  =====================
``list``    ``filter``, ``limit``, ``cursor``   ``view``
``get``     ``id``                              ``view``
``create``  ``values``                          ``create``
``update``  ``id``, ``values``                  ``update``
``remove``  ``id``                              ``remove``
==========  ==================================  =====================
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeGuard

import msgspec

from latchkey_contracts.ids import is_id
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet
from latchkey_records.domain import values
from latchkey_records.domain.errors import Fault, Invalid, LackingFields, NoSuchRecord
from latchkey_records.domain.kinds import Field, Kind

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
    "list": ("filter", "limit", "cursor"),
    "get": ("id",),
    "create": ("values",),
    "update": ("id", "values"),
    "remove": ("id",),
}
MOST: Final = 200
USUAL: Final = 50


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """``filters`` are fields and the value that each must have; ``after`` is the id behind which it starts."""

    filters: tuple[tuple[Field, Any], ...]
    limit: int
    after: str | None


def is_operation(word: str) -> TypeGuard[Operation]:
    return word in NEEDS


def touchable(kind: Kind, action: Action, permissions: PermissionSet) -> tuple[Field, ...]:
    """Name the fields of a model that an action may touch; for ``create`` and ``update`` the writable ones."""
    granted = permissions.fields(kind.name, action)
    return tuple(field for field in kind.fields if field.name in granted and (action == "view" or field.writable))


def check_names(operation: Operation, given: Given) -> None:
    """Refuse parameters that the operation does not take."""
    takes = TAKES[operation]
    _refuse(Fault(_at(name), "There is no such parameter.") for name in given if name not in takes)


def read_page(given: Given, visible: tuple[Field, ...], me: str) -> Page:
    """Read the parameters of ``list``. A field that may not be viewed is as unknown as one that does not exist."""
    filters = _object(given.get("filter", {}), "/filter")
    by_name = {field.name: field for field in visible}
    _refuse(
        Fault(_at("filter", name), "There is no such field to filter by.") for name in filters if name not in by_name
    )
    limit = given.get("limit", USUAL)
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise Invalid(Fault("/limit", f"Expected a whole number from 1 to {MOST}."))
    after = given.get("cursor")
    if after is not None and not is_id(after):
        raise Invalid(Fault("/cursor", "This is no cursor of this list."))
    read = _read_all("/filter", {by_name[name]: value for name, value in filters.items()}, me, null=False)
    return Page(filters=tuple(read.items()), limit=limit, after=after)


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
    sent = _object(given["values"], "/values")
    _refuse(_unwritable(kind, sent))
    granted = {field.name for field in touchable(kind, action, permissions)}
    if lacking := tuple(name for name in sent if name not in granted):
        raise LackingFields(action, lacking)
    if action == "create":
        missing = (field.name for field in kind.fields if field.required and field.name not in sent)
        _refuse(Fault(_at("values", name), "This is missing.") for name in missing)
    fields = {field: sent[field.name] for field in kind.fields if field.name in sent}
    return {field.name: value for field, value in _read_all("/values", fields, me).items()}


def read_stored(kind: Kind, record: object, pointer: str) -> tuple[str, dict[str, Any]]:
    """Read a record as it is loaded from outside: its id, and any field that is kept."""
    sent = dict(_object(record, pointer))
    known = {field.name: field for field in kind.fields if not field.calculated}
    record_id = sent.pop("id", None)
    faults = [Fault(f"{pointer}{_at(name)}", "There is no such field.") for name in sent if name not in known]
    if not is_id(record_id):
        faults.append(Fault(f"{pointer}/id", "Expected an id."))
    faults += [
        Fault(f"{pointer}{_at(field.name)}", "This is missing.")
        for field in kind.fields
        if field.required and field.name not in sent
    ]
    _refuse(faults)
    read = _read_all(pointer, {known[name]: value for name, value in sent.items()}, me=None)
    return str(record_id), {field.name: value for field, value in read.items()}


def _unwritable(kind: Kind, names: Given) -> list[Fault]:
    faults = []
    for name in names:
        field = kind.field(name)
        if field is None:
            faults.append(Fault(_at("values", name), "There is no such field."))
        elif not field.writable:
            faults.append(Fault(_at("values", name), "This field is read-only."))
    return faults


def _read_all(pointer: str, given: Mapping[Field, object], me: str | None, *, null: bool = True) -> dict[Field, Any]:
    found: dict[Field, Any] = {}
    faults = []
    for field, value in given.items():
        try:
            if value is None and not null:
                raise ValueError("A filter needs a value.")  # noqa: TRY301 - told like all others
            found[field] = values.read(field, value, me)
        except ValueError as error:
            faults.append(Fault(f"{pointer}{_at(field.name)}", str(error)))
    _refuse(faults)
    return found


def _object(value: object, pointer: str) -> Given:
    if not isinstance(value, dict):
        raise Invalid(Fault(pointer, "Expected an object."))
    return value


def _at(*names: str) -> str:
    """JSON Pointer (RFC 6901 §3), with overlong names cut."""
    return "".join("/" + name[:80].replace("~", "~0").replace("/", "~1") for name in names)


def _refuse(faults: Iterable[Fault]) -> None:
    if found := tuple(faults):
        raise Invalid(*found[:20])
