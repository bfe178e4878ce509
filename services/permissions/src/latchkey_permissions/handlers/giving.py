"""Roles on behalf of auth: those of people who are invited, and the first one of a tenant."""

from aiohttp import web

from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import AdminRolePut, RoleAnswer, RoleGive, RoleOffer, RoleWithin
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_permissions.changes.assigning import assign
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.changes.roles import Roles
from latchkey_permissions.domain.bounds import FLAGS, Reach
from latchkey_permissions.store import roles
from latchkey_permissions.store.roles import Role
from latchkey_policy.permissions import everything
from latchkey_policy.portfolio import Portfolio
from latchkey_verify.admission import OPERATOR, Actor

_ADMIN = "Admin"


class Giving:
    def __init__(self, changing: Changing, roles: Roles) -> None:
        self._changing = changing
        self._roles = roles

    async def offer(self, request: web.Request) -> web.Response:
        """Whether somebody may give a role; nothing changes."""
        asked = await json_body(request, RoleOffer)
        async with self._changing.change(asked.tenant, Actor(user=asked.actor)) as change:
            found = await roles.get(change.connection, asked.tenant, asked.role)
            if found is None:
                raise not_found("This workspace has no such role.")
            await change.bound(found.reach)
        return answer(Done())

    async def give(self, request: web.Request) -> web.Response:
        """Auth knows that the user is about to be a member; the inviter's role bounds it as if they gave it now."""
        asked = await json_body(request, RoleGive)
        async with self._changing.change(asked.tenant, Actor(user=asked.actor)) as change:
            await assign(change, asked.user, asked.role)
        return answer(Done())

    async def within(self, request: web.Request) -> web.Response:
        """Whether a member may do nothing that the actor may not; nothing changes."""
        asked = await json_body(request, RoleWithin)
        async with self._changing.change(asked.tenant, Actor(user=asked.actor)) as change:
            role = await roles.of_user(change.connection, asked.tenant, asked.user)
            await change.bound(*([role.reach] if role else []))
        return answer(Done())

    async def put_admin(self, request: web.Request) -> web.Response:
        """The same again takes in what the catalogue has got since."""
        asked = await json_body(request, AdminRolePut)
        async with self._changing.change(asked.tenant, OPERATOR) as change:
            reach = Reach(
                permissions=everything(change.catalogue), portfolio=Portfolio.ALL, **dict.fromkeys(FLAGS, True)
            )
            before = await roles.named(change.connection, asked.tenant, _ADMIN)
            if before is None:
                role = await self._roles.create(change, Role(name=_ADMIN, reach=reach))
            else:
                role = await self._roles.edit(change, before, Role(id=before.id, name=_ADMIN, reach=reach))
        return answer(RoleAnswer(role=role.id))
