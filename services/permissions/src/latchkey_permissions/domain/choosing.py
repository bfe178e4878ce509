"""What a user left of a grant at consent."""

from collections.abc import Collection

from latchkey_policy.permissions import PermissionSet


def narrowed(granted: PermissionSet, chosen: Collection[str] | None) -> PermissionSet:
    """Keep the chosen ``model:action``; a word that was not offered adds nothing. ``None``: there was no choice."""
    if chosen is None:
        return granted
    return granted.meet(PermissionSet.of(_words(granted, frozenset(chosen))))


def _words(granted: PermissionSet, chosen: frozenset[str]) -> dict[str, list[str]]:
    return {
        model: [action for action in actions if f"{model}:{action}" in chosen]
        for model, actions in granted.rights.items()
    }
