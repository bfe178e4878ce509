"""Naming less than the connection has, never more (RFC 6749 §6, RFC 8707 §2.2)."""

from collections.abc import Sequence

from latchkey_oauth import resource
from latchkey_oauth.errors import invalid_scope, invalid_target
from latchkey_token.domain.connection import ConnectionState

_EVERYTHING = frozenset({"default", "inclusive", "*"})


def check_scope(asked: str | None, row: ConnectionState) -> None:
    """Refuse a word that the connection was not granted. Words without a colon name no right, so none is exceeded."""
    named = {word for word in (asked or "").split(" ") if ":" in word}
    if not named <= set(row.scope.split(" ")):
        raise invalid_scope("The request asks for more than was granted.")


def audiences(asked: Sequence[str], known: Sequence[str], row: ConnectionState) -> tuple[str, ...]:
    """Audiences of one access token: those asked for, or all of the connection's."""
    if not asked:
        return row.resources
    wanted = resource.audiences(asked, known, row.resources)
    if not set(wanted) <= set(row.resources):
        raise invalid_target("The requested resource was not granted to this connection.")
    return wanted


def narrower_words(asked: str | None, granted: str) -> str | None:
    """The rights that a scope parameter names, in one spelling; ``None`` when it asks for all that was granted.

    A word is ``model:action`` or ``model.field:action``. Words without a colon name no right; those for everything
    outweigh the others. Refuses (``invalid_scope``) what goes beyond ``granted``, a list of ``model:action``.
    """
    words = set((asked or "").split(" "))
    rights = {word for word in words if ":" in word}
    if not {_model_and_action(word) for word in rights} <= set(granted.split(" ")):
        raise invalid_scope("The request asks for more than was granted.")
    return None if words & _EVERYTHING or not rights else " ".join(sorted(rights))


def _model_and_action(word: str) -> str:
    name, _, action = word.rpartition(":")
    return f"{name.partition('.')[0]}:{action}"
