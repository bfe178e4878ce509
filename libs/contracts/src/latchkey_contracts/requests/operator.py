"""Requests that the operator's `latchkey` command makes: the first tenant, staff, users, clients. All idempotent."""

from typing import ClassVar

import msgspec

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.base import Ask, Done
from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.grants import Applied
from latchkey_contracts.requests.people import Turned
from latchkey_contracts.requests.permissions import PlainPermissions


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """``created`` is false when it was there already."""

    id: Id
    created: bool


class TenantPut(Ask[Put], frozen=True):
    """To auth: a tenant, by its name (what the tenant picker shows)."""

    path: ClassVar[str] = "/internal/tenants"
    answer: ClassVar[type] = Put
    name: str
    title: str


class TenantFound(msgspec.Struct, frozen=True, kw_only=True):
    id: Id


class TenantNamed(Ask[TenantFound], frozen=True):
    """To auth: which tenant has this name. One that is not there is refused (404)."""

    path: ClassVar[str] = "/internal/tenants/named"
    answer: ClassVar[type] = TenantFound
    name: str


class UserPut(Ask[Put], frozen=True):
    """To auth: a user, by e-mail address. An existing user's password stays as it is."""

    path: ClassVar[str] = "/internal/users"
    answer: ClassVar[type] = Put
    email: str
    name: str
    password: str
    staff: bool = False


class MemberPut(Ask[Done], frozen=True):
    """To auth: a user's membership in a tenant."""

    path: ClassVar[str] = "/internal/members"
    answer: ClassVar[type] = Done
    tenant: Id
    user: Id


class LabsPut(Ask[Done], frozen=True):
    """To the client registry: the tenant's Labs switch, without which it makes no clients and no authorizations."""

    path: ClassVar[str] = "/internal/labs"
    answer: ClassVar[type] = Done
    tenant: Id
    on: bool


class ClientPut(Ask[Put], frozen=True):
    """To the client registry: a client, by name within its tenant. ``secret`` is chosen by the caller."""

    path: ClassVar[str] = "/internal/clients"
    answer: ClassVar[type] = Put
    tenant: Id
    name: str
    description: str
    client_type: ClientType
    redirect_uris: tuple[str, ...]
    permissions: PlainPermissions
    proof: Proof = "both"
    preset: Preset = "custom"
    secret: str | None = None
    published: bool = False


class ClientCompromised(Ask[Turned], frozen=True):
    """To the client registry: staff declares a client's secret stolen, or lifts that.

    Its secrets and connections are dead everywhere, and it is barred until it is lifted; its admin then makes a new
    secret. A client that is not there is refused (404).
    """

    path: ClassVar[str] = "/internal/clients/compromised"
    answer: ClassVar[type] = Turned
    client: Id
    compromised: bool


class ClientDynamic(Ask[Done], frozen=True):
    """To the client registry: whether a client's users pick from their whole role, without a ceiling (staff decide).

    A client that is not there is refused (404), and one that has tokens of its own (409).
    """

    path: ClassVar[str] = "/internal/clients/dynamic"
    answer: ClassVar[type] = Done
    client: Id
    dynamic: bool


class Restored(Ask[Applied], frozen=True):
    """To the token service: its database came from a backup, or from a standby that may have lost commits.

    Every connection ends, for what was lost may have been kills.
    """

    path: ClassVar[str] = "/internal/restored"
    answer: ClassVar[type] = Applied
