"""Links for a new password: who may make one for whom, and what using one does."""

import datetime as dt
from typing import Final

import msgspec

from latchkey_auth.domain.links import new_token, token_hash
from latchkey_auth.domain.people import User
from latchkey_auth.joining.roles import Roles
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.store import password_links, people, sessions
from latchkey_auth.store.password_links import PasswordLink
from latchkey_contracts.events.auth import UserPasswordLinkMade, UserPasswordSet
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import Problem, not_found

LIFE: Final = dt.timedelta(hours=1)


class MadeLink(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` opens it; nobody can be told again."""

    url: str
    expires_at: dt.datetime


class PasswordLinks:
    """``pages`` is the origin of the pages."""

    def __init__(
        self, database: Database, outbox: Outbox, events: AccountEvents, roles: Roles, entropy: Entropy, pages: str
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._events = events
        self._roles = roles
        self._entropy = entropy
        self._pages = pages

    async def for_member(self, tenant: str, user: str, actor: str) -> MadeLink:
        """Make a link for a member.

        Raises:
            Problem: 404 for who is no member; 409 for oneself (``yourself``) and for an account that opens more than
                this tenant (``belongs_elsewhere``); 403 for who may do what the actor may not.

        """
        _refuse_self(user, actor)
        async with self._database.connection() as connection:
            await _require_only_here(connection, user, tenant)
        await self._roles.require_within(tenant, user, actor)
        return await self._make(user, tenant=tenant, actor=actor)

    async def by_staff(self, email: str, actor: str) -> MadeLink:
        """Make a link for whoever has this folded address: 404 for nobody, 409 for oneself."""
        async with self._database.connection() as connection:
            found = await people.credentials(connection, email)
        if found is None:
            raise not_found("Nobody has this e-mail address.")
        _refuse_self(found.user.id, actor)
        return await self._make(found.user.id, tenant=None, actor=actor)

    async def good(self, token: str) -> PasswordLink | None:
        """The link of a token while whoever made it may still do so; raises as `Roles.require_within` otherwise."""
        async with self._database.connection() as connection:
            found = await password_links.good(connection, token_hash(token))
            if found is None or found.tenant is None:
                return found
            await _require_only_here(connection, found.user.id, found.tenant)
        await self._roles.require_within(found.tenant, found.user.id, found.made_by)
        return found

    async def use(self, token: str, password_hash: str) -> User | None:
        """Set the password, end every session; ``None`` when the link is good no more, and raises as `good`.

        A password takes a while to hash, and its owner may join another tenant meanwhile: all is looked at again.
        """
        async with self._database.transaction() as connection:
            found = await password_links.hold(connection, token_hash(token))
            if found is None:
                return None
            user = found.user
            if found.tenant is not None:
                await _require_only_here(connection, user.id, found.tenant)
                await self._roles.require_within(found.tenant, user.id, found.made_by)
            await password_links.end(connection, user.id)
            await password_links.set_password(connection, user.id, password_hash)
            ended = await sessions.end_others(connection, user.id, None)
            await self._events.add(connection, UserPasswordSet(user=user.id, sessions=ended))
        return user

    async def _make(self, user: str, *, tenant: str | None, actor: str) -> MadeLink:
        token = new_token("pwl", self._entropy)
        async with self._database.transaction() as connection:
            expires_at = await password_links.put(
                connection, user, token_hash(token), tenant=tenant, made_by=actor, life=LIFE
            )
            event = UserPasswordLinkMade(user=user)
            for one in await self._told(connection, user, tenant):
                await self._outbox.add(connection, event, tenant=one, user=actor)
        return MadeLink(url=f"{self._pages}/password/{token}", expires_at=expires_at)

    async def _told(self, connection: Connection, user: str, tenant: str | None) -> list[str | None]:
        if tenant is not None:
            return [tenant]
        ids: list[str | None] = [one.id for one in await people.tenants_of(connection, user)]
        return ids or [None]


def _refuse_self(user: str, actor: str) -> None:
    if user == actor:
        raise Problem(
            409, "yourself", "Nobody makes such a link for themselves.", "Ask somebody else who manages members."
        )


async def _require_only_here(connection: Connection, user: str, tenant: str) -> None:
    ties = await password_links.ties(connection, user, tenant)
    if ties is None:
        raise not_found("This workspace has no such member.")
    if ties.staff or ties.elsewhere:
        raise Problem(
            409,
            "belongs_elsewhere",
            "This account opens more than this workspace.",
            "Whoever runs this installation can make the link.",
        )
