"""Facts of the permissions service."""

from typing import ClassVar

from latchkey_contracts.events.base import Change, Event
from latchkey_contracts.ids import Id


class CatalogueRegistered(Event, frozen=True):
    """A resource server registered its data models; ``resource_server`` is its name."""

    type: ClassVar[str] = "catalogue.registered"
    title: ClassVar[str] = "Data models registered"
    entity: ClassVar[str] = "resource_server"
    resource_server: str
    models: tuple[str, ...]


class RoleChanged(Event, frozen=True):
    """A role was made or changed.

    Rights are words: ``company:view`` all fields, ``company.phase:update`` only this one, ``-company.arr:export`` all
    but this one.
    """

    type: ClassVar[str] = "role.changed"
    title: ClassVar[str] = "Role changed"
    entity: ClassVar[str] = "role"
    role: Id
    name: str
    revision: int
    changes: tuple[Change, ...] = ()


class RoleAssigned(Event, frozen=True):
    """A user was given a role in a tenant; it replaces the one before. ``changes`` have the names of both."""

    type: ClassVar[str] = "role.assigned"
    title: ClassVar[str] = "Role given to a user"
    entity: ClassVar[str] = "role"
    role: Id
    user: Id
    revision: int
    changes: tuple[Change, ...] = ()


class RoleUnassigned(Event, frozen=True):
    """A user has no role in a tenant any more, and may do nothing there."""

    type: ClassVar[str] = "role.unassigned"
    title: ClassVar[str] = "Role taken from a user"
    entity: ClassVar[str] = "role"
    role: Id
    user: Id
    revision: int
    changes: tuple[Change, ...] = ()


class RoleRemoved(Event, frozen=True):
    """A role that nobody had is gone. ``changes`` say what it held."""

    type: ClassVar[str] = "role.removed"
    title: ClassVar[str] = "Role removed"
    entity: ClassVar[str] = "role"
    role: Id
    name: str
    changes: tuple[Change, ...] = ()


class TeamChanged(Event, frozen=True):
    """A team was made or changed. Who is in it sees the companies of the others, if their portfolio is ``team``."""

    type: ClassVar[str] = "team.changed"
    title: ClassVar[str] = "Team saved"
    entity: ClassVar[str] = "team"
    team: Id
    name: str
    added: tuple[Id, ...] = ()
    removed: tuple[Id, ...] = ()
    changes: tuple[Change, ...] = ()


class TeamRemoved(Event, frozen=True):
    """A team is gone; ``removed`` were in it."""

    type: ClassVar[str] = "team.removed"
    title: ClassVar[str] = "Team removed"
    entity: ClassVar[str] = "team"
    team: Id
    name: str
    removed: tuple[Id, ...] = ()


class PortfolioChanged(Event, frozen=True):
    """The list of companies that a user sees, if their portfolio is ``listed``, was set anew: so many are on it."""

    type: ClassVar[str] = "portfolio.changed"
    title: ClassVar[str] = "Portfolio of a user changed"
    entity: ClassVar[str] = "user"
    user: Id
    companies: int
    revision: int
    changes: tuple[Change, ...] = ()


class CeilingChanged(Event, frozen=True):
    """The most that a client may ever do was set. Rights are words, as in ``role.changed``."""

    type: ClassVar[str] = "ceiling.changed"
    title: ClassVar[str] = "Permissions of an app changed"
    entity: ClassVar[str] = "client"
    client: Id
    revision: int
    changes: tuple[Change, ...] = ()
