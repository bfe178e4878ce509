"""Cursors: the place in a list where a page ended, in the order of that list.

A cursor holds what its reader was shown, and grants nothing: reach and rights are asked on every page. Its digest is
there to find what was cut off, changed or taken from another list.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from latchkey_contracts.ids import Id, is_id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_records.domain.errors import Fault, Invalid
from latchkey_records.domain.kinds import Type
from latchkey_records.domain.order import Key, Order, words

LONGEST: Final = 7000
_DIGEST: Final = 9


class Place(msgspec.Struct, frozen=True):
    """``values`` are those of the order's fields, ``record`` is the id behind which a page starts."""

    values: tuple[Any, ...]
    record: str


def write(model: str, order: Order, values: Sequence[Any], record: str) -> str:
    payload = msgspec.json.encode([*values, record])
    return _spelled(_digest(model, order, payload) + payload)


def read(model: str, order: Order, given: object) -> Place:
    """Read a cursor that `write` gave for the same model and order."""
    try:
        if not isinstance(given, str) or len(given) > LONGEST:
            raise ValueError  # noqa: TRY301 - told like all others
        text = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
        digest, payload = text[:_DIGEST], text[_DIGEST:]
        *values, record = msgspec.json.decode(payload, type=list[Any])
        if _spelled(text) != given or digest != _digest(model, order, payload):
            raise ValueError  # noqa: TRY301 - as above
        if len(values) != len(order) or not is_id(record):
            raise ValueError  # noqa: TRY301 - as above
        return Place(tuple(map(_stored, order, values)), record)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        advice = "Ask again without it: it is of another list or order, or was changed."
        raise Invalid(Fault("/cursor", f"This is no cursor of this list. {advice}")) from None


def _stored(key: Key, value: object) -> Any:
    """Give the value as the database has it; it may be anything, for a digest can be made by anybody."""
    return None if value is None else _READERS.get(key.field.type, _text)(value)


def _moment(value: object) -> dt.datetime:
    return in_utc(msgspec.convert(value, Moment))


def _number(given: object) -> Decimal:
    value = msgspec.convert(given, Decimal)
    if not value.is_finite() or not -400 < value.adjusted() < 40:
        raise ValueError
    return value


def _text(given: object) -> str:
    value = msgspec.convert(given, str)
    if "\0" in value:
        raise ValueError
    return value


_READERS: Final[dict[Type, Callable[[object], Any]]] = {
    "boolean": lambda value: msgspec.convert(value, bool),
    "date": lambda value: msgspec.convert(value, dt.date),
    "datetime": _moment,
    "number": _number,
    "user": lambda value: msgspec.convert(value, Id),
    "company": lambda value: msgspec.convert(value, Id),
}


def _spelled(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _digest(model: str, order: Order, payload: bytes) -> bytes:
    return hashlib.sha256(b"\0".join((model.encode(), words(order).encode(), payload))).digest()[:_DIGEST]
