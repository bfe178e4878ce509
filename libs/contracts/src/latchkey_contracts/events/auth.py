"""Facts of the auth service: tenants, users, members, sign-ins and consents."""

from typing import ClassVar

from latchkey_contracts import feed
from latchkey_contracts.events.base import Effect, Event, Result
from latchkey_contracts.ids import Id


class TenantCreated(Event, frozen=True):
    """A customer of the SaaS was added."""

    type: ClassVar[str] = "tenant.created"
    title: ClassVar[str] = "Workspace added"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    name: str


class UserCreated(Event, frozen=True):
    """A person was added; memberships say where they belong."""

    type: ClassVar[str] = "user.created"
    title: ClassVar[str] = "User added"
    entity: ClassVar[str] = "user"
    user: Id
    email: str
    staff: bool = False


class TenantOffBoarded(Event, frozen=True):
    """A tenant left: every connection in it is dead, and none is born until it is restored."""

    type: ClassVar[str] = "tenant.off_boarded"
    title: ClassVar[str] = "Workspace off-boarded: its connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT, ("tenant",), bar="sets")
    entity: ClassVar[str] = "tenant"
    tenant: Id
    turn: int


class TenantRestored(Event, frozen=True):
    """A tenant came back: connections may be born in it again."""

    type: ClassVar[str] = "tenant.restored"
    title: ClassVar[str] = "Workspace restored"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT, ("tenant",), bar="lifts")
    entity: ClassVar[str] = "tenant"
    tenant: Id
    turn: int


class TenantLimited(Event, frozen=True):
    """A tenant's limits on connections changed; seconds, ``None`` where it has none."""

    type: ClassVar[str] = "tenant.limited"
    title: ClassVar[str] = "Limits on connections changed"
    entity: ClassVar[str] = "tenant"
    tenant: Id
    revision: int
    refresh_token_lifetime: int | None = None
    connection_lifetime: int | None = None


class UserDisabled(Event, frozen=True):
    """A user may not sign in anywhere: every connection of theirs is dead, and none is born until they are enabled."""

    type: ClassVar[str] = "user.disabled"
    title: ClassVar[str] = "User disabled: their connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.USER, ("user",), bar="sets")
    entity: ClassVar[str] = "user"
    user: Id
    turn: int


class UserEnabled(Event, frozen=True):
    """A disabled user may sign in again."""

    type: ClassVar[str] = "user.enabled"
    title: ClassVar[str] = "User enabled"
    effect: ClassVar[Effect | None] = Effect(feed.USER, ("user",), bar="lifts")
    entity: ClassVar[str] = "user"
    user: Id
    turn: int


class MemberAdded(Event, frozen=True):
    """A user became a member of a tenant. ``turn`` is 0 unless they were one before."""

    type: ClassVar[str] = "member.added"
    title: ClassVar[str] = "Member added"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT_USER, ("tenant", "user"))
    entity: ClassVar[str] = "user"
    user: Id
    tenant: Id
    turn: int = 0
    name: str | None = None
    """The person's name at that time."""
    email: str | None = None


class MemberRemoved(Event, frozen=True):
    """A user is a member of a tenant no more: their connections in it are dead."""

    type: ClassVar[str] = "member.removed"
    title: ClassVar[str] = "Member removed: their connections ended"
    effect: ClassVar[Effect | None] = Effect(feed.TENANT_USER, ("tenant", "user"))
    entity: ClassVar[str] = "user"
    user: Id
    tenant: Id
    turn: int
    name: str | None = None
    """The person's name at that time."""
    email: str | None = None


class MemberInvited(Event, frozen=True):
    """Somebody may join a tenant, by a link that is good once and until it expires."""

    type: ClassVar[str] = "member.invited"
    title: ClassVar[str] = "Member invited"
    entity: ClassVar[str] = "invitation"
    invitation: Id
    tenant: Id
    email: str
    role: Id


class MemberInvitationWithdrawn(Event, frozen=True):
    """An invitation is good no more, before anybody used it."""

    type: ClassVar[str] = "member.invitation_withdrawn"
    title: ClassVar[str] = "Invitation withdrawn"
    entity: ClassVar[str] = "invitation"
    invitation: Id
    tenant: Id
    email: str


class MemberInvitationAccepted(Event, frozen=True):
    """Somebody joined a tenant by their invitation."""

    type: ClassVar[str] = "member.invitation_accepted"
    title: ClassVar[str] = "Invitation accepted"
    entity: ClassVar[str] = "invitation"
    invitation: Id
    tenant: Id
    user: Id
    email: str
    role: Id


class UserSignedIn(Event, frozen=True):
    """A sign-in succeeded. One event per tenant that the user belongs to, so each sees it in its own log."""

    type: ClassVar[str] = "user.signed_in"
    title: ClassVar[str] = "Signed in"
    entity: ClassVar[str] = "user"
    user: Id


class UserSignInFailed(Event, frozen=True):
    """A sign-in of a known user failed.

    ``reason``: ``wrong_password``, ``disabled``, or ``wrong_current_password`` of somebody who is signed in and wanted
    to change it.
    """

    type: ClassVar[str] = "user.sign_in_failed"
    title: ClassVar[str] = "Sign-in failed"
    result: ClassVar[Result] = "failed"
    entity: ClassVar[str] = "user"
    user: Id
    reason: str = "wrong_password"


class UserSignInThrottled(Event, frozen=True):
    """Sign-ins of a user failed so often that the next are asked to wait. Told at once, then once a minute."""

    type: ClassVar[str] = "user.sign_in_throttled"
    title: ClassVar[str] = "Sign-ins held back"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "user"
    user: Id
    wait: int
    """Seconds that were asked for."""
    times: int = 1
    """How often, since it was told last."""


class UserSignedOut(Event, frozen=True):
    """A user ended their session."""

    type: ClassVar[str] = "user.signed_out"
    title: ClassVar[str] = "Signed out"
    entity: ClassVar[str] = "user"
    user: Id


class UserSessionsEnded(Event, frozen=True):
    """A user ended sessions of theirs that were elsewhere, so many."""

    type: ClassVar[str] = "user.sessions_ended"
    title: ClassVar[str] = "Sessions ended"
    entity: ClassVar[str] = "user"
    user: Id
    sessions: int


class UserPasswordLinkMade(Event, frozen=True):
    """Somebody who manages a user made a link with which that user chooses a new password."""

    type: ClassVar[str] = "user.password_link_made"
    title: ClassVar[str] = "Password link made"
    entity: ClassVar[str] = "user"
    user: Id


class UserPasswordSet(Event, frozen=True):
    """A user chose a new password by a link. All their sessions ended with the old one, so many."""

    type: ClassVar[str] = "user.password_set"
    title: ClassVar[str] = "Password set anew"
    entity: ClassVar[str] = "user"
    user: Id
    sessions: int


class UserPasswordChanged(Event, frozen=True):
    """A user who is signed in chose a new password, knowing the former one. Their other sessions ended, so many."""

    type: ClassVar[str] = "user.password_changed"
    title: ClassVar[str] = "Password changed"
    entity: ClassVar[str] = "user"
    user: Id
    sessions: int


class ConsentGranted(Event, frozen=True):
    """A user let a client act for them; the connection was born."""

    type: ClassVar[str] = "consent.granted"
    title: ClassVar[str] = "Access granted to an app"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id
    scope: tuple[str, ...]
    connection: Id | None = None
    again: bool = False
    """Nobody was asked: they had granted as much before, and it still stood."""


class ConsentCancelled(Event, frozen=True):
    """A user chose Cancel on the consent page."""

    type: ClassVar[str] = "consent.cancelled"
    title: ClassVar[str] = "Access not granted: cancelled by the user"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id


class ConsentRefused(Event, frozen=True):
    """A client asked for what this user cannot give; ``reason`` is ``missing`` or ``nothing``."""

    type: ClassVar[str] = "consent.refused"
    title: ClassVar[str] = "Access not granted: beyond what the user may give"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "client"
    client: Id
    user: Id
    reason: str
    missing: tuple[str, ...] = ()


class ConsentRedirectRefused(Event, frozen=True):
    """An authorization request named a redirect URI that is not registered for its client (RFC 6749 §3.1.2.4).

    Told to the tenants of the user in which the client may be used; to the one that made it when nobody was signed in.
    At once, then once a minute.
    """

    type: ClassVar[str] = "consent.redirect_refused"
    title: ClassVar[str] = "Redirect URL refused"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "client"
    client: Id
    redirect_uri: str
    """As far as its query, and cut; empty when none was named."""
    user: Id | None = None
    times: int = 1
    """How often, since it was told last."""
