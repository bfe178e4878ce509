"""Settings for people: as they are used now, and as a table of what there is."""

from collections.abc import Mapping
from typing import Any

import msgspec

from latchkey_kit.field_docs import field_docs
from latchkey_kit.settings import Secret, in_words


def effective(settings: msgspec.Struct, environ: Mapping[str, str]) -> str:
    """Every setting as it is used now and where it comes from, a line each; secrets are not shown."""
    lines = []
    for field in msgspec.structs.fields(type(settings)):
        name = field.name.upper()
        source = "environment" if name in environ else f"{name}_FILE" if f"{name}_FILE" in environ else "default"
        value = getattr(settings, field.name)
        text = str(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
        lines.append(f"{name}={text}  # {source}\n")
    return "".join(lines)


def own_names(cls: type[msgspec.Struct]) -> frozenset[str]:
    """The names of the fields of a settings struct."""
    return frozenset(cls.__struct_fields__)


def markdown(cls: type[msgspec.Struct], names: frozenset[str] | None = None) -> str:
    """A table of settings, all or those named: name, what it may be, its default, and what it means."""
    meanings = {name: text for one in reversed(_sources(cls)) for name, text in field_docs(one)}
    lines = ["| setting | value | default | meaning |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(cls):
        if names is not None and field.name not in names:
            continue
        kind = "secret" if field.type is Secret else in_words(field.type)
        lines.append(f"| `{field.name.upper()}` | {kind} | {_default(field)} | {meanings.get(field.name, '')} |")
    return "\n".join(lines) + "\n"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "**required**"
    value: Any = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value in ("", {}):
        return "empty"
    return f"`{value if isinstance(value, str) else msgspec.json.encode(value).decode()}`"


def _sources(cls: type) -> list[type]:
    """The classes that a settings struct was merged from, itself first."""
    found = [cls]
    for base in (*cls.__bases__, *getattr(cls, "merged", ())):
        if base is not msgspec.Struct and issubclass(base, msgspec.Struct):
            found += [one for one in _sources(base) if one not in found]
    return found
