"""The lines of an export: CSV (RFC 4180) or NDJSON, in UTF-8."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from latchkey_kit.web.exporting import Format, cell, csv_rows
from latchkey_records.domain.kinds import Field

_json = msgspec.json.Encoder()


def head(form: Format, fields: tuple[Field, ...]) -> bytes:
    """Give what comes before the first record."""
    return csv_rows([["id", *(field.name for field in fields)]]) if form == "csv" else b""


def lines(form: Format, fields: tuple[Field, ...], records: Iterable[Mapping[str, Any]]) -> bytes:
    """Give the lines of some records."""
    if form == "ndjson":
        return b"".join(_json.encode(record) + b"\n" for record in records)
    return csv_rows([record["id"], *(_cell(_at(record, field.path)) for field in fields)] for record in records)


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = record[name]
    return record


def _cell(value: Any) -> str:
    """Write a value as JSON would, without the quotes; an empty one is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value)
    return _json.encode(value).decode().strip('"')
