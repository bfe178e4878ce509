"""Rights that a role lacks, in words for a page: ``Company: remove, update (ARR)``."""

from collections.abc import Iterator

from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.names import ACTIONS, Action
from latchkey_policy.permissions import PermissionSet


def lacking(missing: PermissionSet, catalogue: Catalogue) -> tuple[str, ...]:
    """One line a model, in the order of their titles. ``missing`` is closed over the catalogue."""
    models = sorted((catalogue.by_name[name] for name in missing.rights), key=lambda model: (model.title, model.name))
    return tuple(f"{model.title}: {', '.join(_actions(missing, model))}" for model in models)


def scope_words(missing: PermissionSet, catalogue: Catalogue) -> tuple[str, ...]:
    """``model:action``, or ``model.field:action`` where only some fields are lacking. ``missing`` as in `lacking`."""
    return tuple(sorted(_scope_words(missing, catalogue)))


def _scope_words(missing: PermissionSet, catalogue: Catalogue) -> Iterator[str]:
    for name, actions in missing.rights.items():
        for action in actions:
            fields = _fields(missing, catalogue.by_name[name], action)
            yield from (f"{name}.{field.name}:{action}" for field in fields) if fields else (f"{name}:{action}",)


def _actions(missing: PermissionSet, model: Model) -> list[str]:
    return [_action(missing, model, action) for action in ACTIONS if missing.allows(model.name, action)]


def _action(missing: PermissionSet, model: Model, action: Action) -> str:
    fields = _fields(missing, model, action)
    return f"{action} ({', '.join(field.title for field in fields)})" if fields else action


def _fields(missing: PermissionSet, model: Model, action: Action) -> list[Field]:
    """The fields that are lacking, where only some of them are; none for the whole action."""
    possible = model.fields_for(action)
    lacked = [
        field
        for field in model.fields
        if field.name in possible and missing.allows_field(model.name, field.name, action)
    ]
    return [] if len(lacked) == len(possible) else lacked
