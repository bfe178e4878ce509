"""Naming less than the connection has, never more (RFC 6749 §6, RFC 8707 §2.2)."""

from collections.abc import Sequence

from latchkey_oauth import resource
from latchkey_oauth.errors import invalid_scope, invalid_target
from latchkey_token.domain.connection import ConnectionState


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
