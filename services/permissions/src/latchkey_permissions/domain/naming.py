"""Checking what people write as permissions, model → actions → fields, against the catalogue."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.errors import quotable
from latchkey_policy.names import FIELDLESS, WRITING

_EVERY_FIELD: Final = "*"


class Wrong(msgspec.Struct, frozen=True):
    """A name that cannot stand where it does. ``pointer`` (RFC 6901) starts at the permissions."""

    pointer: str
    message: str


def wrong_names(permissions: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Wrong]:
    """Every model, action and field that the catalogue does not have, or not there; nothing when all is well.

    ``permissions`` in the shape of ``latchkey_contracts.requests.permissions.PlainPermissions``.
    """
    for name, actions in permissions.items():
        model = catalogue.by_name.get(name)
        if model is None:
            yield Wrong(f"/{_escaped(name)}", f"There is no data model called {quotable(name)}.")
        elif isinstance(actions, Mapping):
            for action, fields in actions.items():
                yield from _wrong_action(model, action, f"/{name}/{_escaped(action)}")
                if action in model.actions:
                    yield from _wrong_fields(model, action, fields)
        else:
            for index, action in enumerate(actions):
                yield from _wrong_action(model, action, f"/{name}/{index}")


def _wrong_action(model: Model, action: str, pointer: str) -> Iterator[Wrong]:
    if action not in model.actions:
        yield Wrong(pointer, f"The model {model.name} has no action called {quotable(action)}.")


def _wrong_fields(model: Model, action: str, fields: Any) -> Iterator[Wrong]:
    pointer = f"/{model.name}/{action}"
    if fields == _EVERY_FIELD:
        return
    if action in FIELDLESS:
        yield Wrong(pointer, f"{model.name}:{action} takes a record as a whole and has no list of fields.")
    elif isinstance(fields, str):
        yield Wrong(pointer, 'Fields are "*", a list, or {"except": a list}.')
    elif not isinstance(fields, Mapping):
        yield from _wrong_in(model, action, fields, pointer, writing=action in WRITING)
    elif set(fields) == {"except"}:
        yield from _wrong_in(model, action, fields["except"], f"{pointer}/except", writing=False)
    else:
        yield Wrong(pointer, 'Fields are "*", a list, or {"except": a list}.')


def _wrong_in(model: Model, action: str, names: Any, pointer: str, *, writing: bool) -> Iterator[Wrong]:
    known = {field.name: field for field in model.fields}
    for index, name in enumerate(names):
        if name not in known:
            yield Wrong(f"{pointer}/{index}", f"The model {model.name} has no field called {quotable(name)}.")
        elif writing and not known[name].writable:
            yield Wrong(f"{pointer}/{index}", f"The field {model.name}.{name} is read-only: nothing may {action} it.")


def _escaped(name: str) -> str:
    return quotable(name).replace("~", "~0").replace("/", "~1")
