"""Permissions as boxes: ``model:action`` for every field there is or will be, ``model.field:action`` for one."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from latchkey_policy.names import WRITING, Action

Plain = dict[str, Any]
"""Model → actions, or model → action → fields, as `latchkey_contracts.requests.permissions.PlainPermissions`."""
_EVERY_FIELD = "*"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    writable: bool = True


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A data model of the catalogue. ``management``: it is one of our own."""

    name: str
    title: str
    plural: str
    actions: tuple[Action, ...]
    fields: tuple[Field, ...] = ()
    management: bool = False

    def fields_of(self, action: str) -> tuple[Field, ...]:
        """Fields that an action may be limited to."""
        if action == "remove":
            return ()
        return tuple(field for field in self.fields if field.writable or action not in WRITING)


def ticked(permissions: Plain, models: Iterable[Model]) -> frozenset[str]:
    """The boxes that stand for a permission set. Models that the catalogue no longer has are left out."""
    known = {model.name: model for model in models}
    return frozenset(
        box
        for name, actions in permissions.items()
        if name in known
        for action, fields in _by_action(actions).items()
        for box in _boxes(known[name], action, fields)
    )


def permissions_of(boxes: Iterable[str], before: Plain, models: Iterable[Model]) -> Plain:
    """The permission set that boxes stand for.

    What is ticked as ``before`` was stays written as it was: "all but two fields" does not become a list of today's.
    """
    wanted: dict[str, dict[str, set[str]]] = {}
    for box in boxes:
        path, _, action = box.rpartition(":")
        name, _, field = path.partition(".")
        wanted.setdefault(name, {}).setdefault(action, set()).add(field)
    known = {model.name: model for model in models}
    return {
        name: {
            action: _fields(known.get(name), name, action, fields, _by_action(before.get(name, ())).get(action))
            for action, fields in actions.items()
        }
        for name, actions in wanted.items()
    }


def _fields(model: Model | None, name: str, action: str, fields: set[str], before: Any) -> Any:
    if model is not None and before is not None:
        same = {f"{name}.{field}:{action}" if field else f"{name}:{action}" for field in fields}
        if same == _boxes(model, action, before):
            return before
    return _EVERY_FIELD if "" in fields else sorted(fields)


def _by_action(actions: Any) -> Mapping[str, Any]:
    return actions if isinstance(actions, Mapping) else dict.fromkeys(actions, _EVERY_FIELD)


def _boxes(model: Model, action: str, fields: Any) -> set[str]:
    if fields == _EVERY_FIELD:
        return {f"{model.name}:{action}"}
    names = fields
    if isinstance(fields, Mapping):
        names = {field.name for field in model.fields_of(action)} - set(fields["except"])
    return {f"{model.name}.{field}:{action}" for field in names}
