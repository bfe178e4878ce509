"""The catalogue of data models, as resource servers register it."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from latchkey_policy.errors import CatalogueError, quotable
from latchkey_policy.names import WRITING, Action, is_action, is_field, is_name, is_route


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value of a record; a nested one has a dotted name, such as `address.city`."""

    name: str
    type: str
    title: str
    writable: bool = True


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of record: `name` in permissions and scopes, `route` in URLs, `title` and `plural` for people."""

    name: str
    route: str
    title: str
    plural: str
    actions: tuple[Action, ...]
    fields: tuple[Field, ...] = ()

    def fields_for(self, action: Action) -> frozenset[str]:
        """Name the fields that `action` can touch at all: none for remove, no read-only ones where it writes."""
        if action == "remove":
            return frozenset()
        return frozenset(field.name for field in self.fields if field.writable or action not in WRITING)


class Catalogue:
    """Models by name and by route, in the order of their names. Immutable."""

    __slots__ = ("by_name", "by_route")

    by_name: Mapping[str, Model]
    by_route: Mapping[str, Model]

    def __init__(self, models: Iterable[Model] = ()) -> None:
        by_name: dict[str, Model] = {}
        by_route: dict[str, Model] = {}
        for model in models:
            _check_model(model)
            if model.name in by_name:
                raise CatalogueError(f"Two models are called {model.name}.")
            if model.route in by_route:
                raise CatalogueError(f"{by_route[model.route].name} and {model.name} both claim route {model.route}.")
            by_name[model.name] = by_route[model.route] = model
        self.by_name = MappingProxyType(dict(sorted(by_name.items())))
        self.by_route = MappingProxyType(dict(sorted(by_route.items())))

    def __iter__(self) -> Iterator[Model]:
        return iter(self.by_name.values())

    def __len__(self) -> int:
        return len(self.by_name)


def _check_model(model: Model) -> None:
    if not is_name(model.name):
        raise CatalogueError(f"Illegal model name: {quotable(model.name)}.")
    if not is_route(model.route):
        raise CatalogueError(f"Model {model.name} has an illegal route: {quotable(model.route)}.")
    if not (model.title.strip() and model.plural.strip()):
        raise CatalogueError(f"Model {model.name} needs a title and a plural.")
    for action in model.actions:
        if not is_action(action):
            raise CatalogueError(f"Model {model.name} has an unknown action: {quotable(action)}.")
    if len(set(model.actions)) < len(model.actions) or not model.actions:
        raise CatalogueError(f"Model {model.name} must list at least one action, and each just once.")
    _check_fields(model)


def _check_fields(model: Model) -> None:
    names = set[str]()
    for field in model.fields:
        if not is_field(field.name):
            raise CatalogueError(f"Model {model.name} has an illegal field name: {quotable(field.name)}.")
        if not is_name(field.type):
            raise CatalogueError(f"Field {model.name}.{field.name} has an illegal type: {quotable(field.type)}.")
        if field.name in names:
            raise CatalogueError(f"Model {model.name} has two fields called {field.name}.")
        names.add(field.name)
    for name in sorted(names):
        # A right on `address` would say nothing certain about `address.city`, so only leaves are fields.
        parent = name.rpartition(".")[0]
        while parent:
            if parent in names:
                raise CatalogueError(
                    f"Field {model.name}.{name} lies inside another field, {parent}: list leaves only."
                )
            parent = parent.rpartition(".")[0]
