"""What somebody typed into the form of a client, and how it differs from what there is."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from latchkey_console.apps.terms import Terms, lifetime_of, terms_as_is, terms_of
from latchkey_console.apps.views import App
from latchkey_console.forms import Form
from latchkey_contracts.requests.clients import ClientType, Proof
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.web.problems import FieldError, bad_request

_SETTINGS: Final = ("name", "description", "type", "proof", "redirect_uris", "narrowing")
"""Named as the management API names them."""
_LONGEST: Final = 20_000
"""A text that is longer is cut: its owner refuses it anyhow, and the page shows it again."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """``permissions`` and ``terms`` are ``None`` when the form had no part for them."""

    name: str
    description: str
    type: ClientType
    proof: Proof
    redirect_uris: tuple[str, ...]
    narrowing: bool
    terms: Terms | None = None
    permissions: PlainPermissions | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that is typed otherwise than it is stored; both as lines of text."""

    setting: str
    now: tuple[str, ...]
    yours: tuple[str, ...]


def typed_of(form: Form, permissions: PlainPermissions | None = None) -> Typed:
    """Read the form; 400 for a choice that the page does not offer."""
    return Typed(
        name=text(form, "name").strip(),
        description=text(form, "description").replace("\r\n", "\n").strip(),
        type=_choice(form, "type", get_args(ClientType), "confidential"),
        proof=_choice(form, "proof", get_args(Proof), "both"),
        redirect_uris=rows(form),
        narrowing=text(form, "narrowing") == "on",
        terms=terms_of(form),
        permissions=permissions,
    )


def typed_as_is(app: App) -> Typed:
    """What the form shows before anybody types."""
    settings = {name: getattr(app, name) for name in _SETTINGS}
    return Typed(**settings, terms=terms_as_is(app), permissions=app.permissions)


def changes(app: App, typed: Typed) -> dict[str, object]:
    """The body of a ``PATCH`` that makes the one of the other; empty when they are the same."""
    values = {name: getattr(typed, name) for name in _SETTINGS} | (typed.terms.values if typed.terms else {})
    found = {name: value for name, value in values.items() if value != getattr(app, name)}
    if typed.type == "public":  # has neither, whatever the hidden fields say
        found.pop("proof", None)
        found.pop("client_credentials", None)
    if typed.permissions is not None and words(typed.permissions) != words(app.permissions or {}):
        found["permissions"] = typed.permissions
    return found


def differences(app: App, typed: Typed) -> tuple[Difference, ...]:
    """For people, setting by setting; of permissions only the words that are in one of the two."""
    return tuple(_difference(name, app, value) for name, value in changes(app, typed).items())


def words(permissions: PlainPermissions) -> frozenset[str]:
    """``model:action``, with the fields where there are not all of them."""
    return frozenset(word for model, actions in permissions.items() for word in _words(model, actions))


def rows(form: Form) -> tuple[str, ...]:
    """The redirect URLs; a row that was left empty is none."""
    return tuple(row for value in form.getall("redirect_uris", []) if (row := str(value)[:_LONGEST].strip()))


def text(form: Form, name: str) -> str:
    return str(form.get(name, ""))[:_LONGEST]


def _choice(form: Form, name: str, among: tuple[Any, ...], usual: Any) -> Any:
    value = str(form.get(name, usual))
    if value not in among:
        raise bad_request("The page does not offer this.", FieldError(pointer=f"/{name}", message="Choose one."))
    return value


def _words(model: str, actions: Any) -> list[str]:
    if not isinstance(actions, Mapping):
        return [f"{model}:{action}" for action in actions]
    shown = []
    for action, fields in actions.items():
        everything = fields == "*" or fields == ("*",)  # noqa: PLR1714 - a tuple cannot be in a set with a list
        shown.append(f"{model}:{action}" if everything else f"{model}:{action} ({_fields(fields)})")
    return shown


def _fields(fields: Any) -> str:
    if isinstance(fields, Mapping):
        return "; ".join(f"{name} {', '.join(sorted(names))}" for name, names in fields.items())
    return fields if isinstance(fields, str) else ", ".join(sorted(fields))


def _difference(name: str, app: App, value: Any) -> Difference:
    if name == "permissions":
        now, yours = words(app.permissions or {}), words(value)
        return Difference(setting=name, now=tuple(sorted(now - yours)), yours=tuple(sorted(yours - now)))
    return Difference(setting=name, now=_lines(name, getattr(app, name)), yours=_lines(name, value))


def _lines(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("on" if value else "off",)
    if isinstance(value, int):
        return (f"{value} seconds" if name == "retry_window" else str(lifetime_of(value)),)
    return tuple(value) if isinstance(value, tuple) else (str(value),) if value else ()
