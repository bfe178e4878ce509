"""Permissions in words for people: one line a model, as a consent page shows it."""

import msgspec

from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet

_STRONGEST_FIRST: tuple[Action, ...] = ("remove", "export", "create", "update", "view")
_SPOKEN: tuple[Action, ...] = ("view", "create", "update", "remove", "export")


class Line(msgspec.Struct, frozen=True):
    """`strong` when the model's records are created, changed, removed or exported; `details` name narrowed fields.

    `words` are the `model:action` that it stands for, in the order of the sentence.
    """

    model: str
    title: str
    sentence: str
    strong: bool
    details: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def describe(permissions: PermissionSet, catalogue: Catalogue) -> list[Line]:
    """Say what is granted, the strongest model first, and by title among equals."""
    known = permissions.restrict(catalogue)
    models = [catalogue.by_name[name] for name in known.rights]
    models.sort(key=lambda model: (_rank(known, model), model.title, model.name))
    return [_line(known, model) for model in models]


def _rank(permissions: PermissionSet, model: Model) -> tuple[bool, ...]:
    """Compare by the strongest action, then by the next."""
    return tuple(not permissions.allows(model.name, action) for action in _STRONGEST_FIRST)


def _line(permissions: PermissionSet, model: Model) -> Line:
    actions = [action for action in _SPOKEN if permissions.allows(model.name, action)]
    details = (_detail(permissions, model, action) for action in actions)
    return Line(
        model=model.name,
        title=model.title,
        sentence=f"{_listed(actions).capitalize()} {model.plural}",
        strong=actions != ["view"],
        details=tuple(detail for detail in details if detail),
        words=tuple(f"{model.name}:{action}" for action in actions),
    )


def _detail(permissions: PermissionSet, model: Model, action: Action) -> str:
    """Name the fields if they are not all that the action could touch."""
    possible = model.fields_for(action)
    granted = possible & {name for name in possible if permissions.allows_field(model.name, name, action)}
    if granted == possible:
        return ""
    titles = [field.title for field in model.fields if field.name in granted]
    return f"{action.capitalize()} only {_listed(titles)}"


def _listed(words: list[str] | list[Action]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
