"""Golden samples: an event with every field filled, the same every time. What is there is never written again."""

import datetime as dt
import hashlib
import json
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from latchkey_contracts.events import EVENTS, CloudEvent, Event
from latchkey_contracts.events.tellers import tellers
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment
from latchkey_local.event_docs.examples import EXAMPLES, SAME

_S = typing.TypeVar("_S", bound=msgspec.Struct)
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
_FIXED: Mapping[Any, Any] = {
    Moment: NOW,
    msgspec.Raw: msgspec.Raw(b"{}"),
}


def names(folder: Path, cls: type[Event]) -> list[Path]:
    """The samples of an event that there are, the newest last: ``<type>.v1.json``, ``<type>.v1.2.json`` and so on."""
    stem = f"{cls.type}.v{cls.version}"
    found = [folder / f"{stem}.json", *sorted(folder.glob(f"{stem}.*.json"), key=lambda one: int(one.suffixes[-2][1:]))]
    return [one for one in found if one.exists()]


def newest(folder: Path, cls: type[Event]) -> dict[str, Any]:
    """The sample of an event with the most fields, as JSON."""
    found: dict[str, Any] = json.loads(names(folder, cls)[-1].read_text())
    return found


def write_missing(folder: Path) -> list[Path]:
    """Write a sample beside the others for each event that has none, or a field that is in none of its own.

    An extension of the envelope that is in no sample at all gets one, of the first event.
    """
    written = []
    extensions = {name for path in folder.glob("*.json") for name in json.loads(path.read_text())}
    for cls in EVENTS.values():
        there, made = names(folder, cls), sample(cls)
        is_all_there = there and set(_places(made["data"])) <= set(_places(newest(folder, cls)["data"]))
        if is_all_there and extensions.issuperset(made):
            continue
        extensions.update(made)
        name = f"{cls.type}.v{cls.version}" + (f".{len(there) + 1}" if there else "")
        path = folder / f"{name}.json"
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
        written.append(path)
    return written


def sample(cls: type[Event]) -> dict[str, Any]:
    """An event with every field, in its envelope."""
    event = _filled(cls, cls.type)
    fixed = {
        "id": _id(f"{cls.type}.{cls.version}"), "source": tellers(cls.type)[0], "type": cls.type,
        "subject": event.entity_id, "dataversion": cls.version, "data": msgspec.Raw(msgspec.json.encode(event)),
        "result": cls.result,
    }  # fmt: skip
    envelope = msgspec.structs.replace(_filled(CloudEvent, ""), **fixed)
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(envelope))
    defaults = {"dataversion": cls.version, "datacontenttype": "application/json"}
    return {name: body.get(name, defaults.get(name)) for name in CloudEvent.__struct_fields__}


def _filled(cls: type[_S], where: str) -> _S:
    return cls(**{one.name: _value(where, one.name, one.type) for one in msgspec.structs.fields(cls)})


def _value(where: str, name: str, wanted: Any) -> Any:
    """Something of this type that is no default."""
    arguments, origin = typing.get_args(wanted), typing.get_origin(wanted)
    if wanted is Id or name in SAME:
        return _id(SAME.get(name, name))
    if wanted in _FIXED:
        return _FIXED[wanted]
    if origin in {typing.Union, types.UnionType}:
        return _value(where, name, arguments[0])
    given = EXAMPLES.get(f"{where}.{name}", EXAMPLES.get(name))
    if origin is tuple:
        return tuple(given or [_value(where, name, arguments[0])])
    if given is not None:
        return given
    return {str: name.replace("_", " "), int: 7, bool: True, dict: {name: "one"}}[origin or wanted]


def _id(name: str) -> str:
    """A UUIDv7 that is the same for the same name."""
    rest = hashlib.sha256(name.encode()).hexdigest()
    return f"{int(NOW.timestamp() * 1000):012x}7{rest[:3]}8{rest[3:18]}"


def _places(value: Any, place: str = "") -> Iterator[str]:
    """Yield where in a JSON value something stands."""
    yield place
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _places(one, f"{place}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _places(one, f"{place}[]")
