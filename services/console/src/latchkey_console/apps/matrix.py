"""The permission matrix: data models by actions, down to fields. What a page shows, and what its form says; pure.

A box is called by a word: ``company:update`` for an action, ``company.arr:update`` for one of its fields, and
``company.*:update`` for the fields that the model will have one day. An action is granted where its own box is ticked,
and reaches those of its fields that are ticked too. That needs no script: the boxes of fields are ticked from the
start, and not shown until the one above them is.
"""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from multidict import MultiDictProxy

from latchkey_console.apps.matrix_rows import LATER, Row, row, word
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.names import ACTIONS, Action
from latchkey_policy.permissions import PermissionSet


class ShownField(msgspec.Struct, frozen=True):
    """A field as the owner of the catalogue shows it."""

    name: str
    type: str
    title: str
    writable: bool = True


class ShownModel(msgspec.Struct, frozen=True, kw_only=True):
    """A data model as the owner of the catalogue shows it. ``management``: it is one of Latchkey itself."""

    name: str
    route: str
    title: str
    plural: str
    actions: tuple[Action, ...]
    fields: tuple[ShownField, ...] = ()
    management: bool = False

    def model(self) -> Model:
        fields = tuple(Field(one.name, one.type, one.title, one.writable) for one in self.fields)
        return Model(
            name=self.name,
            route=self.route,
            title=self.title,
            plural=self.plural,
            actions=self.actions,
            fields=fields,
        )


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under one heading. ``management``: they are about the workspace itself, not about its records."""

    management: bool
    rows: tuple[Row, ...]


class Models:
    """The data models that a matrix has rows for."""

    def __init__(self, shown: Collection[ShownModel]) -> None:
        self.catalogue = Catalogue(one.model() for one in shown)
        self._management = frozenset(one.name for one in shown if one.management)

    def sections(self, chosen: PlainPermissions) -> tuple[Section, ...]:
        """What to show when ``chosen`` is ticked: the records first, then the management."""
        rights = PermissionSet.of(chosen)
        models = sorted(self.catalogue, key=lambda model: (model.title, model.name))
        found = (
            Section(
                management=own,
                rows=tuple(row(one, rights) for one in models if (one.name in self._management) is own),
            )
            for own in (False, True)
        )
        return tuple(section for section in found if section.rows)

    def today(self, permissions: PlainPermissions) -> PermissionSet:
        """What it means as the catalogue stands: "every field" is the fields that there are."""
        return PermissionSet.of(permissions).restrict(self.catalogue)

    def differ(self, one: PlainPermissions, other: PlainPermissions) -> bool:
        """Whether the boxes are not the same: another spelling of the same is no difference."""
        return self._spelled(one) != self._spelled(other)

    def _spelled(self, permissions: PlainPermissions) -> PlainPermissions:
        return read(ticked(self.sections(permissions)), self)


def permissions_from(form: MultiDictProxy[Any], models: Models, name: str = "permissions") -> PlainPermissions | None:
    """Give what a form says; ``None`` when it has no matrix called ``name``: that is not the same as an empty one."""
    return read((str(word) for word in form.getall(name)), models) if name in form else None


def read(words: Collection[str] | Iterator[str], models: Models) -> PlainPermissions:
    """Give what ticked boxes stand for. One that the catalogue does not have any more says nothing."""
    known = frozenset(words)
    found: PlainPermissions = {}
    for model in models.catalogue:
        fields = {action: _fields(model, action, known) for action in ACTIONS}
        actions: dict[str, Any] = {action: some for action, some in fields.items() if some is not None}
        if actions:
            found[model.name] = tuple(actions) if all(some == "*" for some in actions.values()) else actions
    return found


def ticked(sections: Collection[Section]) -> Iterator[str]:
    """Give the words of the boxes that are ticked on a page that nobody has touched."""
    for one in (one for section in sections for one in section.rows):
        for cells in (one.cells, *(field.cells for field in one.fields)):
            yield from (cell.word for cell in cells if cell is not None and cell.word and cell.state != "none")


def _fields(model: Model, action: Action, words: frozenset[str]) -> Any:
    """The fields as ``PlainPermissions`` has them; ``None`` without the action."""
    if action not in model.actions or word(model, action) not in words:
        return None
    possible = model.fields_for(action)
    chosen = {name for name in possible if word(model, action, name) in words}
    if possible and not chosen:
        return None
    if not possible or (word(model, action, LATER) in words and chosen == possible):
        return "*"
    left = tuple(sorted(possible - chosen))
    return {"except": left} if word(model, action, LATER) in words else tuple(sorted(chosen))
