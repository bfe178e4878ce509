"""Facts of the token service: grants, refreshes, reuse and the end of connections."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id


class GrantIssued(Event, frozen=True):
    """A code was exchanged: the connection has its first tokens."""

    type: ClassVar[str] = "grant.issued"
    entity: ClassVar[str] = "connection"
    connection: Id
    user: Id
    client: Id
    scope: tuple[str, ...]
    resources: tuple[str, ...]


class TokenRefreshed(Event, frozen=True):
    """A refresh token was exchanged; ``generation`` is the number of the new one."""

    type: ClassVar[str] = "token.refreshed"
    entity: ClassVar[str] = "connection"
    connection: Id
    generation: int
    again: bool = False
    """The same refresh token as the first time, inside the client's retry window or after a lost answer."""


class TokenReused(Event, frozen=True):
    """A spent code or refresh token was presented: proof that two parties hold it. The connection is dead."""

    type: ClassVar[str] = "token.reused"
    entity: ClassVar[str] = "connection"
    connection: Id
    presented: int
    """Generation of what was presented."""
    current: int
    """Generation that was current."""


class TokenRefused(Event, frozen=True):
    """A genuine code or refresh token was refused without harm, for example because another client brought it.

    ``reason``: ``wrong_client``, ``wrong_redirect``, ``wrong_verifier``, ``client_authentication_failed``.
    """

    type: ClassVar[str] = "token.refused"
    entity: ClassVar[str] = "connection"
    connection: Id
    reason: str
    presented_by: str | None = None


class ConnectionRevoked(Event, frozen=True):
    """A connection was cut. ``reason``: ``replay``, ``revoked_by_client``, ``disconnected`` or ``replaced``."""

    type: ClassVar[str] = "connection.revoked"
    entity: ClassVar[str] = "connection"
    connection: Id
    user: Id
    client: Id
    reason: str
    by: str | None = None
    """Who cut it, when a person did."""
