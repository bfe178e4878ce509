"""Values of fields: from JSON or from the text of a query parameter, checked by the type of the field."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment, in_utc
from latchkey_records.domain.kinds import Field, Type

ME: Final = "me"
"""Stands for the connection's own user wherever a user's id may stand."""
LARGEST: Final = 10**15
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,16})?")
_T = TypeVar("_T")


def read(field: Field, value: object, me: str | None) -> Any:
    """Give the value as it is stored. ``me`` is the id of the connection's own user, ``None`` if there is none.

    Raises:
        ValueError: with a sentence about what is expected.

    """
    if value is None:
        if not field.nullable:
            raise ValueError("This must not be null.")
        return None
    return _READERS[field.type](field, value, me)


def from_text(field: Field, text: str) -> object:
    """Give the JSON value that a query parameter means; one that makes no sense stays a text, for `read` to refuse."""
    if field.type == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if field.type == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def read_prefix(field: Field, value: object) -> str:
    """Give the beginning that a text must have."""
    if not isinstance(value, str) or not 1 <= len(value) <= field.longest:
        raise ValueError(f"Expected a text of 1 to {field.longest} characters.")
    return value


def _text(field: Field, value: object, _me: str | None) -> str:
    if not isinstance(value, str):
        raise ValueError("Expected a text.")  # noqa: TRY004 - one error for whoever sends it
    if len(value) > field.longest:
        raise ValueError(f"Expected at most {field.longest} characters.")
    if field.required and not value.strip():
        raise ValueError("This must not be empty.")
    return value


def _email(field: Field, value: object, me: str | None) -> str:
    text = _text(field, value, me)
    if not _EMAIL.fullmatch(text):
        raise ValueError("Expected an e-mail address.")
    return text


def _number(_field: Field, value: object, _me: str | None) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Expected a number.")  # noqa: TRY004 - as above
    if not -LARGEST <= value <= LARGEST:  # also false for NaN
        raise ValueError(f"Expected a number from -{LARGEST} to {LARGEST}.")
    return Decimal(str(value))


def _boolean(_field: Field, value: object, _me: str | None) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Expected true or false.")  # noqa: TRY004 - as above
    return value


def _date(_field: Field, value: object, _me: str | None) -> dt.date:
    return _converted(value, dt.date, "Expected a date, such as 2026-12-31.")


def _moment(_field: Field, value: object, _me: str | None) -> dt.datetime:
    words = "Expected a date and time with offset, such as 2026-12-31T12:00:00Z."
    moment: dt.datetime = _converted(value, Moment, words)
    return in_utc(moment)


def _id(_field: Field, value: object, _me: str | None) -> str:
    return _converted(value, Id, "Expected an id: 32 hexadecimal digits.")


def _user(field: Field, value: object, me: str | None) -> str:
    return me if me is not None and value == ME else _id(field, value, me)


def _converted(value: object, wanted: type[_T], words: str) -> _T:
    if not isinstance(value, str):
        raise ValueError(words)  # noqa: TRY004 - as above
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        raise ValueError(words) from None


_READERS: Final[dict[Type, Callable[[Field, object, str | None], Any]]] = {
    "text": _text,
    "email": _email,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _moment,
    "user": _user,
    "company": _id,
}
