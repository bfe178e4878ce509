"""Rights that a role lacks, in words for a page: ``Company: remove, update (ARR)``."""

from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.names import ACTIONS, Action
from latchkey_policy.permissions import PermissionSet


def lacking(missing: PermissionSet, catalogue: Catalogue) -> tuple[str, ...]:
    """One line a model, in the order of their titles. ``missing`` is closed over the catalogue."""
    models = sorted((catalogue.by_name[name] for name in missing.rights), key=lambda model: (model.title, model.name))
    return tuple(f"{model.title}: {', '.join(_actions(missing, model))}" for model in models)


def _actions(missing: PermissionSet, model: Model) -> list[str]:
    return [_action(missing, model, action) for action in ACTIONS if missing.allows(model.name, action)]


def _action(missing: PermissionSet, model: Model, action: Action) -> str:
    """Name the fields when only some of them are lacking."""
    possible = model.fields_for(action)
    lacked = [
        field.title
        for field in model.fields
        if field.name in possible and missing.allows_field(model.name, field.name, action)
    ]
    return action if len(lacked) == len(possible) else f"{action} ({', '.join(lacked)})"
