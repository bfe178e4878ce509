"""The catalogue as a form shows it: nested fields below their group."""

from collections.abc import Sequence
from typing import Final

import msgspec

from latchkey_permissions.domain.management import MODELS
from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.names import Action

_GROUP: Final = "group"
_MANAGEMENT: Final = frozenset(model.name for model in MODELS)


class ShownField(msgspec.Struct, frozen=True, kw_only=True):
    """A field, or a group of ``fields``, which permissions cannot name. ``name`` is dotted from the model on.

    Something of a group that is ``writable`` can be written.
    """

    name: str
    title: str
    type: str
    writable: bool
    fields: "tuple[ShownField, ...]" = ()


class ShownModel(msgspec.Struct, frozen=True, kw_only=True):
    """``management``: it is one of Latchkey's own, to manage a workspace."""

    name: str
    route: str
    title: str
    plural: str
    actions: tuple[Action, ...]
    management: bool
    fields: tuple[ShownField, ...]


def shown_models(catalogue: Catalogue) -> tuple[ShownModel, ...]:
    """By title; what manages a workspace comes last."""
    shown = (_model(model) for model in catalogue)
    return tuple(sorted(shown, key=lambda one: (one.management, one.title.casefold(), one.name)))


def _model(model: Model) -> ShownModel:
    return ShownModel(
        name=model.name,
        route=model.route,
        title=model.title,
        plural=model.plural,
        actions=model.actions,
        management=model.name in _MANAGEMENT,
        fields=_nested(model.fields, 0),
    )


def _nested(fields: Sequence[Field], depth: int) -> tuple[ShownField, ...]:
    """Group fields that agree in one more part of their names, each group where its first field was."""
    groups: dict[str, list[Field]] = {}
    for field in fields:
        groups.setdefault(".".join(field.name.split(".")[: depth + 1]), []).append(field)
    return tuple(_shown(name, members, depth) for name, members in groups.items())


def _shown(name: str, members: Sequence[Field], depth: int) -> ShownField:
    first = members[0]
    if first.name == name:  # only leaves are fields, so it is alone
        return ShownField(name=name, title=first.title, type=first.type, writable=first.writable)
    return ShownField(
        name=name,
        title=name.rpartition(".")[2].replace("_", " ").capitalize(),
        type=_GROUP,
        writable=any(field.writable for field in members),
        fields=_nested(members, depth + 1),
    )
