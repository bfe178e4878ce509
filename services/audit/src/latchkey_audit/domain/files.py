"""Entries as a file: one line each, whatever is in them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec

from latchkey_audit.domain.entry import plain
from latchkey_audit.domain.search import COLUMNS, Entry, one_line, show
from latchkey_kit.web.exporting import Format, cell, csv_rows

_LINE_ENDS = str.maketrans(dict.fromkeys("\u2028\u2029", "\N{REPLACEMENT CHARACTER}"))


def head(form: Format) -> bytes:
    """Give what comes before the first entry."""
    return csv_rows([COLUMNS]) if form == "csv" else b""


def lines(form: Format, entries: Iterable[Entry]) -> bytes:
    shown = map(show, entries)
    if form == "ndjson":
        return b"".join(one_line(entry) + b"\n" for entry in shown)
    return csv_rows([_cell(value) for value in entry.values()] for entry in shown)


def _cell(value: Any) -> str:
    """Write a text as it is, but harmless, and anything else as JSON has it; nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(plain(value).translate(_LINE_ENDS))
    if isinstance(value, dt.datetime):
        return msgspec.json.encode(value).decode().strip('"')
    return one_line(value).decode()
