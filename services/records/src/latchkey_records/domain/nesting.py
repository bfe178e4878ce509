"""Fields with dotted names, and the nested objects that JSON has in their place."""

from collections.abc import Iterable, Mapping
from typing import Any

from latchkey_records.domain.errors import Fault, at
from latchkey_records.domain.kinds import Field

Path = tuple[str, ...]
Taken = tuple[dict[Field, Any], list[Fault]]


def nested(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Put values by dotted names into objects."""
    found: dict[str, Any] = {}
    for name, value in values:
        *parents, leaf = name.split(".")
        into = found
        for parent in parents:
            into = into.setdefault(parent, {})
        into[leaf] = value
    return found


def flat(fields: Iterable[Field], sent: Mapping[str, Any], pointer: str) -> Taken:
    """Take objects apart; gives the values by field, and what is wrong.

    ``null`` in the place of an object empties all that it could hold (RFC 7396).
    """
    return _flat({field.path: field for field in fields}, (), sent, pointer)


def _flat(known: Mapping[Path, Field], base: Path, sent: Mapping[str, Any], pointer: str) -> Taken:
    found: dict[Field, Any] = {}
    faults: list[Fault] = []
    for name, value in sent.items():
        path = (*base, name)
        inside = [field for at_path, field in known.items() if at_path[: len(path)] == path]
        if path in known:
            found[known[path]] = value
        elif not inside:
            faults.append(Fault(pointer + at(*path), "There is no such field."))
        elif isinstance(value, dict):
            deeper, wrong = _flat(known, path, value, pointer)
            found |= deeper
            faults += wrong
        elif value is None:
            found |= dict.fromkeys((field for field in inside if field.writable), None)
        else:
            faults.append(Fault(pointer + at(*path), "Expected an object."))
    return found, faults
