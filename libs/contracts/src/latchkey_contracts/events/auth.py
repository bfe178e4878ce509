"""Facts of the auth service: tenants, users, members, sign-ins and consents."""

from typing import ClassVar

from latchkey_contracts.events.base import Event
from latchkey_contracts.ids import Id


class TenantCreated(Event, frozen=True):
    """A customer of the SaaS was added."""

    type: ClassVar[str] = "tenant.created"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    name: str


class UserCreated(Event, frozen=True):
    """A person was added; memberships say where they belong."""

    type: ClassVar[str] = "user.created"
    entity: ClassVar[str] = "user"
    user: Id
    email: str
    staff: bool = False


class MemberAdded(Event, frozen=True):
    """A user became a member of a tenant."""

    type: ClassVar[str] = "member.added"
    entity: ClassVar[str] = "user"
    user: Id
    tenant: Id


class UserSignedIn(Event, frozen=True):
    """A sign-in succeeded. One event per tenant that the user belongs to, so each sees it in its own log."""

    type: ClassVar[str] = "user.signed_in"
    entity: ClassVar[str] = "user"
    user: Id


class UserSignInFailed(Event, frozen=True):
    """A sign-in of a known user failed."""

    type: ClassVar[str] = "user.sign_in_failed"
    entity: ClassVar[str] = "user"
    user: Id


class UserSignedOut(Event, frozen=True):
    """A user ended their session."""

    type: ClassVar[str] = "user.signed_out"
    entity: ClassVar[str] = "user"
    user: Id


class ConsentGranted(Event, frozen=True):
    """A user let a client act for them; the connection was born."""

    type: ClassVar[str] = "consent.granted"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id
    scope: tuple[str, ...]


class ConsentCancelled(Event, frozen=True):
    """A user chose Cancel on the consent page."""

    type: ClassVar[str] = "consent.cancelled"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id


class ConsentRefused(Event, frozen=True):
    """A client asked for what this user cannot give; ``reason`` is ``missing`` or ``nothing``."""

    type: ClassVar[str] = "consent.refused"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id
    reason: str
    missing: tuple[str, ...] = ()
