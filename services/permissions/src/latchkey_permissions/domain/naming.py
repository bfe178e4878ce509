"""Checking what people write as permissions, model → actions, against the catalogue."""

from collections.abc import Iterator, Mapping

import msgspec

from latchkey_policy.catalogue import Catalogue
from latchkey_policy.errors import quotable


class Unknown(msgspec.Struct, frozen=True):
    """A name that the catalogue does not have. ``pointer`` (RFC 6901) starts at the permissions."""

    pointer: str
    message: str


def unknown_names(permissions: Mapping[str, tuple[str, ...]], catalogue: Catalogue) -> Iterator[Unknown]:
    """Every model and action that the catalogue does not have; nothing when all are known."""
    for name, actions in permissions.items():
        model = catalogue.by_name.get(name)
        if model is None:
            yield Unknown(f"/{_escaped(name)}", f"There is no data model called {quotable(name)}.")
            continue
        for index, action in enumerate(actions):
            if action not in model.actions:
                yield Unknown(f"/{name}/{index}", f"The model {name} has no action called {quotable(action)}.")


def _escaped(name: str) -> str:
    return quotable(name).replace("~", "~0").replace("/", "~1")
