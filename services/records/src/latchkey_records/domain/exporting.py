"""The lines of an export: CSV (RFC 4180) or NDJSON, in UTF-8."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeGuard

import msgspec

from latchkey_records.domain.kinds import Field

Format = Literal["csv", "ndjson"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "ndjson": "application/x-ndjson",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that a spreadsheet may take for a formula, or for what hides one."""
_json = msgspec.json.Encoder()


def is_format(word: str) -> TypeGuard[Format]:
    return word in MEDIA_TYPES


def head(form: Format, fields: tuple[Field, ...]) -> bytes:
    """Give what comes before the first record."""
    return _rows([["id", *(field.name for field in fields)]]) if form == "csv" else b""


def lines(form: Format, fields: tuple[Field, ...], records: Iterable[Mapping[str, Any]]) -> bytes:
    """Give the lines of some records."""
    if form == "ndjson":
        return b"".join(_json.encode(record) + b"\n" for record in records)
    return _rows([record["id"], *(_cell(_at(record, field.path)) for field in fields)] for record in records)


def _rows(rows: Iterable[list[str]]) -> bytes:
    into = io.StringIO()
    csv.writer(into, lineterminator="\r\n").writerows(rows)
    return into.getvalue().encode()


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = record[name]
    return record


def _cell(value: Any) -> str:
    """Write a value as JSON would, without the quotes; an empty one is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return _json.encode(value).decode().strip('"')
