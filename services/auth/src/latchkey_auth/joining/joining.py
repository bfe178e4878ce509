"""Accepting an invitation: the account of somebody new, the membership, the role, all at once or not at all."""

import msgspec
from aiohttp import web

from latchkey_auth.domain.links import token_hash
from latchkey_auth.domain.people import Tenant, User
from latchkey_auth.joining.roles import Roles
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store import invitations, people
from latchkey_auth.store.invitations import Invitation
from latchkey_auth.store.members import Turned
from latchkey_auth.turning.memberships import Memberships
from latchkey_contracts.events.auth import MemberInvitationAccepted, UserCreated, UserSignedIn
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_verify.admission import Actor


class NotGood(Exception):  # noqa: N818 - it is an answer
    """The invitation was used or withdrawn, or has expired."""


class KnownAlready(Exception):  # noqa: N818 - it is an answer
    """Somebody has an account under the address: they are to sign in."""


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """``session`` is the value of the cookie for somebody new, who is signed in with it."""

    tenant: Tenant
    session: str | None = None


class Joining:
    def __init__(
        self, database: Database, outbox: Outbox, memberships: Memberships, roles: Roles, sessions: Sessions,
        events: AccountEvents,
    ) -> None:  # fmt: skip
        self._database = database
        self._outbox = outbox
        self._memberships = memberships
        self._roles = roles
        self._sessions = sessions
        self._events = events

    async def as_new(self, request: web.Request, token: str, user: User, password_hash: str) -> Joined:
        """Make the account, join, and sign in.

        Raises:
            NotGood, KnownAlready: nothing is done.
            Problem: the inviter may not let anybody in any more, or not with this role; nothing is done.
            PeerUnavailable, TimeoutError: permissions cannot be asked; nothing is done.

        """
        async with self._database.transaction() as connection:
            invitation = await self._hold(connection, token)
            if not await people.add_user(connection, user, password_hash, staff=False):
                raise KnownAlready
            event = UserCreated(user=user.id, email=user.email)
            await self._outbox.add(connection, event, tenant=None, user=user.id)
            added = await self._join(connection, invitation, user)
            value = await self._sessions.start(connection, request, user, password_hash)
            await self._events.add(connection, UserSignedIn(user=user.id))
        await self._tell(invitation, user, added)
        return Joined(tenant=invitation.tenant, session=value)

    async def as_known(self, token: str, user: User) -> Joined:
        """Join with the account that one is signed in to; raises as `as_new`, and `NotGood` for somebody else's."""
        async with self._database.transaction() as connection:
            invitation = await self._hold(connection, token)
            if invitation.email != user.email:
                raise NotGood
            added = await self._join(connection, invitation, user)
        await self._tell(invitation, user, added)
        return Joined(tenant=invitation.tenant)

    async def _hold(self, connection: Connection, token: str) -> Invitation:
        found = await invitations.good(connection, token_hash(token), hold=True)
        if found is None:
            raise NotGood
        return found

    async def _join(self, connection: Connection, invitation: Invitation, user: User) -> Turned | None:
        """Whoever invited answers for the membership and the role; who is a member by now keeps the role they have."""
        tenant, by = invitation.tenant.id, invitation.invited_by
        added = await self._memberships.add_within(connection, tenant, user.id, Actor(user=by))
        await invitations.end(connection, invitation.id)
        event = MemberInvitationAccepted(
            invitation=invitation.id, tenant=tenant, user=user.id, email=user.email, role=invitation.role
        )
        await self._outbox.add(connection, event, tenant=tenant, user=user.id)
        if added is not None:
            await self._roles.give(tenant, user.id, invitation.role, by)
        return added

    async def _tell(self, invitation: Invitation, user: User, added: Turned | None) -> None:
        if added is not None:
            actor = Actor(user=invitation.invited_by)
            await self._memberships.tell_added(invitation.tenant.id, user.id, added, actor)
