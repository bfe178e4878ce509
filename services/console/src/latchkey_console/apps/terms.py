"""What a client has agreed with the token service beyond the usual, as people type it: numbers with their units."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

import msgspec

from latchkey_console.apps.views import App
from latchkey_console.forms import Form
from latchkey_contracts.requests.clients import LONGEST_LIFETIME, LONGEST_RETRY_WINDOW, SHORTEST_LIFETIME
from latchkey_kit.marking import N_

Unit = Literal["days", "hours", "minutes", "seconds"]
_SECONDS: Final[Mapping[Unit, int]] = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
NAMES: Final = frozenset({"refresh_token_lifetime", "connection_lifetime", "retry_window", "client_credentials"})
"""Named as the management API names them."""
_LIFETIMES: Final = ("refresh_token_lifetime", "connection_lifetime")
_LONGEST: Final = 20
"""A number that is longer is cut: it is too large anyhow."""
_NO_LIFETIME: Final = N_("From a minute to ten years, as a whole number; or leave it empty.")
_NO_WINDOW: Final = N_("From 0 to 60 seconds, as a whole number.")


class Lifetime(msgspec.Struct, frozen=True, kw_only=True):
    """``number`` as it was typed; empty for a client without a lifetime of its own."""

    number: str
    unit: Unit

    @property
    def value(self) -> int | str | None:
        """Seconds; the text itself when it is no number."""
        if not self.number:
            return None
        number = _whole(self.number)
        return self.number if number is None else number * _SECONDS[self.unit]

    def __str__(self) -> str:
        return f"{self.number} {self.unit}" if self.number else ""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the form that says "Advanced"."""

    refresh_token_lifetime: Lifetime
    connection_lifetime: Lifetime
    retry_window: str
    client_credentials: bool

    @property
    def values(self) -> dict[str, object]:
        """The settings; a number that is none is the text that was typed."""
        number = _whole(self.retry_window)
        return {
            "refresh_token_lifetime": self.refresh_token_lifetime.value,
            "connection_lifetime": self.connection_lifetime.value,
            "retry_window": self.retry_window if number is None else number,
            "client_credentials": self.client_credentials,
        }


def terms_of(form: Form) -> Terms | None:
    """What was typed; ``None`` when the form has no such part."""
    if "retry_window" not in form:
        return None
    return Terms(
        refresh_token_lifetime=_typed_lifetime(form, "refresh_token_lifetime"),
        connection_lifetime=_typed_lifetime(form, "connection_lifetime"),
        retry_window=_text(form, "retry_window"),
        client_credentials=_text(form, "client_credentials") == "on",
    )


def terms_as_is(app: App) -> Terms:
    """What the form shows before anybody types."""
    return Terms(
        refresh_token_lifetime=lifetime_of(app.refresh_token_lifetime),
        connection_lifetime=lifetime_of(app.connection_lifetime),
        retry_window=str(app.retry_window),
        client_credentials=app.client_credentials,
    )


def usual_terms() -> Terms:
    """What the form of a new client shows: all as its preset has it."""
    none = lifetime_of(None)
    return Terms(refresh_token_lifetime=none, connection_lifetime=none, retry_window="", client_credentials=False)


def lifetime_of(seconds: int | None) -> Lifetime:
    """In the largest unit of which it is a whole number."""
    if seconds is None:
        return Lifetime(number="", unit="days")
    unit = next(unit for unit, size in _SECONDS.items() if seconds % size == 0)
    return Lifetime(number=str(seconds // _SECONDS[unit]), unit=unit)


def wanted_of(terms: Terms) -> dict[str, object]:
    """What a new client is to have otherwise than usual."""
    usual = usual_terms().values
    return {name: value for name, value in terms.values.items() if value != usual[name]}


def problems(terms: Terms, words: Callable[[str], str], *, new: bool = False) -> dict[str, str]:
    """What cannot be, by name of the field, before anybody is asked; ``words`` translates.

    ``new``: of a new client, which needs no retry window.
    """
    values = terms.values
    wrong = {
        name: words(_NO_LIFETIME)
        for name in _LIFETIMES
        if values[name] is not None and not _is_between(values[name], SHORTEST_LIFETIME, LONGEST_LIFETIME)
    }
    if not (new and not terms.retry_window) and not _is_between(values["retry_window"], 0, LONGEST_RETRY_WINDOW):
        wrong["retry_window"] = words(_NO_WINDOW)
    return wrong


def _is_between(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and least <= value <= most


def _typed_lifetime(form: Form, name: str) -> Lifetime:
    wanted = _text(form, f"{name}_unit")
    unit: Unit = next((unit for unit in get_args(Unit) if unit == wanted), "days")
    return Lifetime(number=_text(form, name), unit=unit)


def _text(form: Form, name: str) -> str:
    return str(form.get(name, "")).strip()[:_LONGEST]


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
