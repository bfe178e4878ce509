"""The JSON shape of a permission set, both ways.

    {"company": {"view": "*", "update": ["owner", "phase"], "export": {"except": ["arr"]}}}

An action has every field (`"*"`), some, or all but some. Read, but never written: `{"company": ["view", "update"]}`,
which is short for every field of each.
"""

import functools
from collections.abc import Mapping
from operator import itemgetter
from typing import Final

from latchkey_policy.errors import PermissionsError, quotable
from latchkey_policy.fields import ALL, Fields, only
from latchkey_policy.names import FIELDLESS, Action, is_action, is_field, is_name

Actions = Mapping[Action, Fields]
Rights = Mapping[str, Actions]
PlainFields = str | list[str] | dict[str, list[str]]
Plain = dict[str, dict[str, PlainFields]]
_REMEMBERED: Final = 4096
"""Lists of fields."""


def write(rights: Rights) -> Plain:
    return {model: _write_actions(actions) for model, actions in sorted(rights.items(), key=itemgetter(0))}


def _write_actions(actions: Actions) -> dict[str, PlainFields]:
    return {action: _write_fields(fields) for action, fields in sorted(actions.items(), key=itemgetter(0))}


def _write_fields(fields: Fields) -> PlainFields:
    if fields == ALL:
        return "*"
    names = sorted(fields.names)
    return {"except": names} if fields.but else names


def read(data: object) -> Rights:
    """Check every name; what grants nothing is left out."""
    if not isinstance(data, Mapping):
        raise PermissionsError("Permissions are an object: model to actions.")
    rights: dict[str, Actions] = {}
    for model, actions in data.items():
        if not is_name(model):
            raise PermissionsError(f"Illegal model name: {quotable(model)}.")
        if read_actions := _read_actions(model, actions):
            rights[model] = read_actions
    return rights


def _read_actions(model: str, data: object) -> Actions:
    if isinstance(data, (list, tuple)):
        data = {action: "*" for action in data if _known(model, action)}
    if not isinstance(data, Mapping):
        raise PermissionsError(f"The actions of {model} are a list, or an object: action to fields.")
    actions: dict[Action, Fields] = {}
    for action, fields in data.items():
        if _known(model, action) and (read_fields := _read_fields(f"{model}:{action}", fields)):
            if action in FIELDLESS and read_fields != ALL:
                raise PermissionsError(f"{model}:{action} takes a record as a whole and has no list of fields.")
            actions[action] = read_fields
    return actions


def _known(model: str, action: object) -> bool:
    if not is_action(action):
        raise PermissionsError(f"Unknown action of {model}: {quotable(action)}.")
    return True


def _read_fields(where: str, data: object) -> Fields:
    if data == "*":
        return ALL
    if isinstance(data, dict) and data.keys() == {"except"}:
        return ~_read_names(where, data["except"])
    return _read_names(where, data)


def _read_names(where: str, data: object) -> Fields:
    if not isinstance(data, (list, tuple)):
        raise PermissionsError(f'The fields of {where} are "*", a list, or {{"except": a list}}.')
    try:
        return _checked(tuple(data))
    except (_Illegal, TypeError):
        illegal = next(name for name in data if not is_field(name))
        raise PermissionsError(f"Illegal field name in {where}: {quotable(illegal)}.") from None


class _Illegal(Exception):  # noqa: N818 - never leaves this module
    pass


@functools.lru_cache(_REMEMBERED)
def _checked(names: tuple[object, ...]) -> Fields:
    """The same lists come again in each action, role and grant, and need checking once."""
    if all(map(is_field, names)):
        return only(name for name in names if isinstance(name, str))
    raise _Illegal
