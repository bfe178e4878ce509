"""The fields of a struct as people and other languages read them."""

import json
import types
import typing

import msgspec

from latchkey_contracts.events import Change, CloudEvent
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment
from latchkey_kit.field_docs import field_docs
from latchkey_local.event_docs.words import COMMON, ENVELOPE

_PLAIN: dict[object, str] = {
    str: "text", int: "whole number", bool: "true or false", Id: "id", Moment: "time", msgspec.Raw: "object",
    Change: "change",
}  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """``kind`` is its type in words; ``absent`` whether it may be absent, and what it means if it is."""

    name: str
    kind: str
    absent: str
    meaning: str


def fields(cls: type[msgspec.Struct]) -> list[Field]:
    """All fields, in their order."""
    own = _own_words(cls)
    common = ENVELOPE if cls is CloudEvent else COMMON
    return [
        Field(one.name, _kind(one), _absent(one), own.get(one.name) or common.get(one.name, ""))
        for one in msgspec.structs.fields(cls)
    ]


def _kind(field: msgspec.structs.FieldInfo) -> str:
    null = " or null" if field.required and type(None) in typing.get_args(field.type) else ""
    return in_words(field.type) + null


def _absent(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT:  # also where a factory makes the value: that one is always written
        return ""
    if field.default in (None, ()):
        return "may be absent"
    return f"`{json.dumps(field.default)}` if absent".replace('"', "")


def in_words(wanted: object) -> str:
    """Say what a field of this type holds."""
    if wanted in _PLAIN:
        return _PLAIN[wanted]
    arguments = typing.get_args(wanted)
    if typing.get_origin(wanted) is tuple:
        return f"list of {in_words(arguments[0])}"
    if typing.get_origin(wanted) is dict:
        return "texts by name"
    if typing.get_origin(wanted) in {typing.Union, types.UnionType}:
        return " or ".join(in_words(one) for one in arguments if one is not type(None))
    raise TypeError(f"No words for {wanted}.")


def sentence(cls: type) -> str:
    """The docstring of a class as Markdown, its paragraphs kept."""
    text = (cls.__doc__ or "").replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).strip()


def _own_words(cls: type[msgspec.Struct]) -> dict[str, str]:
    lineage = [one for one in reversed(cls.__mro__) if issubclass(one, msgspec.Struct) and one is not msgspec.Struct]
    return {name: text for one in lineage for name, text in field_docs(one)}
