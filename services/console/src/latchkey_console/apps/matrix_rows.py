"""Rows of the permission matrix: a model, its fields, and which boxes are ticked for given rights."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, Literal

import msgspec

from latchkey_policy.catalogue import Field, Model
from latchkey_policy.fields import ALL, Fields, all_but, only
from latchkey_policy.names import ACTIONS, Action
from latchkey_policy.permissions import PermissionSet

LATER: Final = "*"
"""What a model's future fields are called; no field can be."""
State = Literal["all", "some", "none"]
_Granted = Mapping[Action, Fields | None]
"""The fields that are ticked below an action, the later ones too if they are `all_but`; ``None`` without the action."""


class Cell(msgspec.Struct, frozen=True):
    """A box. ``ticked`` and ``possible`` count the fields below it; both are 0 where it has none."""

    word: str
    action: Action
    state: State
    ticked: int = 0
    possible: int = 0


class FieldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A field, a group of nested ones, or those that come later. ``cells``: one an action, ``None`` where none can be.

    ``depth`` counts the groups around it. A group is called what its fields begin with, and its boxes have no words.
    """

    kind: Literal["field", "group", "later"]
    name: str
    title: str = ""
    depth: int = 0
    writable: bool = True
    cells: tuple[Cell | None, ...]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A model, with its fields. ``cells`` as in `FieldRow`."""

    model: Model
    cells: tuple[Cell | None, ...]
    fields: tuple[FieldRow, ...]

    @property
    def searched(self) -> str:
        """What a search looks at."""
        known = (self.model.title, self.model.plural, self.model.name)
        return " ".join((*known, *(f"{one.title} {one.name}" for one in self.model.fields))).lower()

    @property
    def narrowed(self) -> bool:
        """Whether something reaches a part of the fields only."""
        return any(cell is not None and cell.state == "some" for cell in self.cells)


def row(model: Model, rights: PermissionSet) -> Row:
    granted = {action: _granted(model, action, rights) for action in model.actions}
    cells = tuple(_cell(model, action, granted) for action in ACTIONS)
    return Row(model=model, cells=cells, fields=tuple(_field_rows(model, granted)))


def word(model: Model, action: Action, field: str = "") -> str:
    """What a box is called."""
    return f"{model.name}.{field}:{action}" if field else f"{model.name}:{action}"


def _granted(model: Model, action: Action, rights: PermissionSet) -> Fields | None:
    """An action that reaches none of today's fields is none: nobody could use it."""
    fields, possible = rights.fields(model.name, action), model.fields_for(action)
    if not possible:
        return ALL if fields else None
    chosen = {name for name in possible if name in fields}
    if not chosen:
        return None
    return all_but(possible - chosen) if fields.but else only(chosen)


def _cell(model: Model, action: Action, granted: _Granted) -> Cell | None:
    if action not in granted:
        return None
    fields, possible = granted[action], model.fields_for(action)
    number = sum(name in fields for name in possible) if fields is not None else 0
    state: State = "none" if fields is None else "all" if fields == ALL else "some"
    return Cell(word(model, action), action, state, number, len(possible))


def _field_rows(model: Model, granted: _Granted) -> Iterator[FieldRow]:
    around: list[str] = []
    for field in sorted(model.fields, key=_nested_last):
        path = field.name.split(".")[:-1]
        for depth in range(len(path)):
            if path[: depth + 1] != around[: depth + 1]:
                yield _group(model, path[: depth + 1])
        around = path
        cells = tuple(_leaf(model, action, field.name, granted) for action in ACTIONS)
        yield FieldRow(
            kind="field", name=field.name, title=field.title, depth=len(path), writable=field.writable, cells=cells
        )
    if model.fields:
        yield FieldRow(
            kind="later", name=LATER, cells=tuple(_leaf(model, action, LATER, granted) for action in ACTIONS)
        )


def _nested_last(field: Field) -> tuple[bool, str]:
    """For the catalogue's own order, but what is nested together stands together, after what is not nested."""
    group = field.name.rpartition(".")[0]
    return bool(group), group


def _group(model: Model, path: Collection[str]) -> FieldRow:
    name = ".".join(path)
    cells = tuple(Cell("", action, "none") if _reaches(model, action, name) else None for action in ACTIONS)
    return FieldRow(kind="group", name=name, depth=len(path) - 1, cells=cells)


def _reaches(model: Model, action: Action, group: str) -> bool:
    return action in model.actions and any(name.startswith(f"{group}.") for name in model.fields_for(action))


def _leaf(model: Model, action: Action, name: str, granted: _Granted) -> Cell | None:
    possible = model.fields_for(action)
    if action not in granted or not possible or (name != LATER and name not in possible):
        return None
    fields = granted[action]
    is_ticked = fields is None or (fields.but if name == LATER else name in fields)
    return Cell(word(model, action, name), action, "all" if is_ticked else "none")
