"""The words that everything here is spelled with: actions, and the shape of a name."""

import re
from typing import Final, Literal, TypeGuard, get_args

Action = Literal["create", "view", "update", "remove", "export"]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
WRITING: Final[frozenset[Action]] = frozenset({"create", "update"})
"""The actions whose fields are written, so that a read-only field is never among them."""
FIELDLESS: Final[frozenset[Action]] = frozenset({"remove"})
"""The actions that take a record as a whole."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63}){0,7}")
_ROUTE = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def is_action(word: object) -> TypeGuard[Action]:
    return word in ACTIONS


def is_name(word: object) -> TypeGuard[str]:
    return isinstance(word, str) and _NAME.fullmatch(word) is not None


def is_field(word: object) -> TypeGuard[str]:
    """Nested fields are dotted, at most eight deep."""
    return isinstance(word, str) and _FIELD.fullmatch(word) is not None


def is_route(word: object) -> TypeGuard[str]:
    return isinstance(word, str) and _ROUTE.fullmatch(word) is not None
