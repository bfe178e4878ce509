"""Facts of the permissions service."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id


class CatalogueRegistered(Event, frozen=True):
    """A resource server registered its data models; ``resource_server`` is its name."""

    type: ClassVar[str] = "catalogue.registered"
    entity: ClassVar[str] = "resource_server"
    resource_server: str
    models: tuple[str, ...]


class RoleChanged(Event, frozen=True):
    """A role was made or changed."""

    type: ClassVar[str] = "role.changed"
    entity: ClassVar[str] = "role"
    role: Id
    name: str
    revision: int


class RoleAssigned(Event, frozen=True):
    """A user was given a role in a tenant; it replaces the one before."""

    type: ClassVar[str] = "role.assigned"
    entity: ClassVar[str] = "role"
    role: Id
    user: Id
    revision: int


class CeilingChanged(Event, frozen=True):
    """The most that a client may ever do was set."""

    type: ClassVar[str] = "ceiling.changed"
    entity: ClassVar[str] = "client"
    client: Id
    revision: int
