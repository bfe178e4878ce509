"""Requests about resource servers of somebody else; the operator's `latchkey resource-servers` makes them."""

import datetime as dt
from typing import Annotated, ClassVar

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask, Done

Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$", max_length=63)]


class ResourceServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server that checks our tokens. It may introspect those that carry its ``audience``, and read the feed."""

    id: Id
    name: str
    audience: str
    created_at: dt.datetime


class ResourceServers(msgspec.Struct, frozen=True, kw_only=True):
    """By name. ``audiences`` are those that access tokens can carry."""

    resource_servers: tuple[ResourceServer, ...]
    audiences: tuple[str, ...]


class ResourceServerAdded(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` is shown here and nowhere else: only its hash is kept."""

    id: Id
    secret: str

    def __repr__(self) -> str:
        """Everything but the secret."""
        return f"ResourceServerAdded({self.id!r})"


class ResourceServersList(Ask[ResourceServers], frozen=True):
    """To token: all of them."""

    path: ClassVar[str] = "/internal/resource-servers/list"
    answer: ClassVar[type] = ResourceServers


class ResourceServerAdd(Ask[ResourceServerAdded], frozen=True):
    """To token: a new one. 409 `name_taken`; 400 for an audience that no token can carry."""

    path: ClassVar[str] = "/internal/resource-servers/add"
    answer: ClassVar[type] = ResourceServerAdded
    name: Name
    audience: str


class ResourceServerRemove(Ask[Done], frozen=True):
    """To token: one less; its secret opens nothing any more, everywhere within two seconds. 404 for an unknown one."""

    path: ClassVar[str] = "/internal/resource-servers/remove"
    answer: ClassVar[type] = Done
    name: Name


class ResourceServerKnown(msgspec.Struct, frozen=True, kw_only=True):
    known: bool


class ResourceServerCheck(Ask[ResourceServerKnown], frozen=True):
    """Permissions asks token whether this is a resource server: by name, and the SHA-256 of the secret it brought."""

    path: ClassVar[str] = "/internal/resource-servers/check"
    answer: ClassVar[type] = ResourceServerKnown
    name: str
    digest: Digest
