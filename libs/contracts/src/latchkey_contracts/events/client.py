"""Facts of the client registry. Only ids and settings; secrets and their hashes never."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id


class ClientCreated(Event, frozen=True):
    """An OAuth client was made."""

    type: ClassVar[str] = "client.created"
    entity: ClassVar[str] = "client"
    client: Id
    name: str
    client_type: str
    redirect_uris: tuple[str, ...]
    revision: int


class ClientUpdated(Event, frozen=True):
    """Settings of a client changed; ``changed`` names them. ``revision`` only grows."""

    type: ClassVar[str] = "client.updated"
    entity: ClassVar[str] = "client"
    client: Id
    changed: tuple[str, ...]
    revision: int
