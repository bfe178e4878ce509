"""Who belongs to a tenant: every change of a membership goes through here."""

from latchkey_auth.domain import standing
from latchkey_auth.store import members
from latchkey_auth.store.members import Turned
from latchkey_auth.turning.leaving import Leaving
from latchkey_auth.turning.telling import Telling
from latchkey_contracts.events.auth import MemberAdded, MemberRemoved
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telling import Told
from latchkey_kit.web.problems import Problem, not_found
from latchkey_verify.admission import Actor


class Memberships:
    def __init__(self, database: Database, outbox: Outbox, telling: Telling, leaving: Leaving) -> None:
        self._database = database
        self._outbox = outbox
        self._telling = telling
        self._leaving = leaving

    async def add(self, tenant: str, user: str, actor: Actor) -> Told | None:
        """Add somebody, for the first time or again; ``None`` when they are a member. Nobody brings an old role along.

        A tenant or user that is not there violates a foreign key.

        Raises:
            PeerUnavailable, TimeoutError: permissions cannot be asked about a former member, and nothing is done.

        """
        async with self._database.transaction() as connection:
            added = await self.add_within(connection, tenant, user, actor)
            actor.confirm()
        return None if added is None else await self.tell_added(tenant, user, added, actor)

    async def add_within(self, connection: Connection, tenant: str, user: str, actor: Actor) -> Turned | None:
        """As `add`, in a transaction of the caller's, who tells when it is committed: `tell_added`."""
        await self._admit(connection, tenant, user, actor)
        added = await members.add(connection, tenant, user, by=actor.user)
        if added is not None:
            if added.turn:
                await self._leaving.end_role(tenant, user, actor)
            event = MemberAdded(user=user, tenant=tenant, turn=added.turn, name=added.name, email=added.email)
            await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
        return added

    async def tell_added(self, tenant: str, user: str, added: Turned, actor: Actor) -> Told:
        now = standing.of_member(tenant, user, turn=added.turn, removed=False, by=actor.user)
        return await self._telling.standing(now)

    async def remove(self, tenant: str, user: str, actor: Actor) -> Told:
        """End a membership, and with it every connection of this user in the tenant.

        Raises:
            Problem: 404 for who is no member, 403 when the actor is none any more, 409 for the last who can manage.
            PeerUnavailable, TimeoutError: permissions cannot be asked, and nothing is done.

        """
        async with self._database.transaction() as connection:
            await self._admit(connection, tenant, user, actor)
            gone = await members.remove(connection, tenant, user, by=actor.user)
            if gone is None:
                raise not_found("This workspace has no such member.")
            actor.confirm()
            await self._leaving.require(tenant, user)
            event = MemberRemoved(user=user, tenant=tenant, turn=gone.turn, name=gone.name, email=gone.email)
            await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
            actor.confirm()
        now = standing.of_member(tenant, user, turn=gone.turn, removed=True, by=actor.user)
        told = await self._telling.standing(now)
        await self._leaving.left(tenant, user, actor)
        return told

    async def _admit(self, connection: Connection, tenant: str, user: str, actor: Actor) -> None:
        """Refuse an actor who was removed; of two members who remove each other at once, one stays."""
        if actor.user is not None and actor.user in await members.hold(connection, tenant, {user, actor.user}):
            raise Problem(403, "no_member", "You are not a member of this workspace any more.")
