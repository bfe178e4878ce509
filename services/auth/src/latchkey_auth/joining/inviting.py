"""Making and withdrawing invitations."""

import datetime as dt
from typing import Final

import msgspec

from latchkey_auth.domain.links import new_token, token_hash
from latchkey_auth.joining.roles import Roles
from latchkey_auth.store import invitations, members
from latchkey_auth.store.invitations import Wanted
from latchkey_contracts.events.auth import MemberInvitationWithdrawn, MemberInvited
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import FieldError, Problem, not_found

LIFE: Final = dt.timedelta(days=7)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that was just made. ``url`` opens it; nobody can be told again."""

    id: str
    email: str
    role: str
    expires_at: dt.datetime
    url: str


class Inviting:
    """``pages`` is the origin of the pages."""

    def __init__(
        self, database: Database, outbox: Outbox, roles: Roles, clock: Clock, entropy: Entropy, pages: str
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._roles = roles
        self._clock = clock
        self._entropy = entropy
        self._pages = pages

    async def invite(self, tenant: str, email: str, role: str, actor: str) -> Made:
        """Invite somebody, by folded address, in the place of their former invitation.

        Raises:
            Problem: 409 for a member, 403 and 400 as `Roles.offer`.

        """
        await self._roles.offer(tenant, role, actor)
        async with self._database.transaction() as connection:
            there = await members.with_email(connection, tenant, email)
            if there is not None and not there.removed:
                error = FieldError(pointer="/email", message="This person is a member already.")
                raise Problem(409, "already_member", "This person is a member already.", errors=(error,))
            former = await invitations.take_former(connection, tenant, email)
            if former is not None:
                await self._tell_withdrawn(connection, tenant, former, email, actor)
            await invitations.forget_expired(connection, tenant)
            return await self.invite_within(connection, tenant, email, role, by=actor, invited_by=actor)

    async def invite_within(
        self, connection: Connection, tenant: str, email: str, role: str, *, by: str, invited_by: str | None
    ) -> Made:
        """As `invite`, without a question, in the caller's transaction. ``by`` is who did it, for the log."""
        token = new_token("inv", self._entropy)
        invitation = new_id(self._clock, self._entropy)
        wanted = Wanted(id=invitation, tenant=tenant, email=email, role=role, invited_by=invited_by)
        expires_at = await invitations.add(connection, wanted, token_hash(token), LIFE)
        event = MemberInvited(invitation=invitation, tenant=tenant, email=email, role=role)
        await self._outbox.add(connection, event, tenant=tenant, user=by)
        url = f"{self._pages}/invitation/{token}"
        return Made(id=invitation, email=email, role=role, expires_at=expires_at, url=url)

    async def withdraw(self, tenant: str, invitation: str, actor: str) -> None:
        """End a pending one; 404 when the tenant has no such."""
        async with self._database.transaction() as connection:
            email = await invitations.withdraw(connection, tenant, invitation)
            if email is None:
                raise not_found("This workspace has no such invitation.")
            await self._tell_withdrawn(connection, tenant, invitation, email, actor)

    async def _tell_withdrawn(
        self, connection: Connection, tenant: str, invitation: str, email: str, actor: str
    ) -> None:
        event = MemberInvitationWithdrawn(invitation=invitation, tenant=tenant, email=email)
        await self._outbox.add(connection, event, tenant=tenant, user=actor)
