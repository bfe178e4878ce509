"""`/v1/roles/{id}/members`: which users have a role."""

import msgspec
from aiohttp import web

from latchkey_contracts.ids import Id
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.permissions import LeavingAnswer, LeavingAsk, RoleUnassign
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import not_found
from latchkey_permissions.changes.assigning import assign, end, unassign
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.handlers.members import Members
from latchkey_permissions.store import assignments, roles
from latchkey_verify.admission import OPERATOR, Actor, Admission


class ShownAssignment(msgspec.Struct, frozen=True, kw_only=True):
    user: str
    role: str


class RoleMembers:
    def __init__(self, database: Database, admission: Admission, changing: Changing, members: Members) -> None:
        self._database = database
        self._admission = admission
        self._changing = changing
        self._members = members

    async def list(self, request: web.Request) -> web.Response:
        """``id`` is the user's."""
        bearer = await self._admission.bearer(request, "view")
        role = path_id(request, "role_id")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            if await roles.get(connection, bearer.tenant, role) is None:
                raise not_found()
            found = await assignments.members(connection, bearer.tenant, role, after, asked.to_fetch)
        return listed(found, asked, show=lambda user: {"id": user}, place=lambda user: user)

    async def put(self, request: web.Request) -> web.Response:
        """Give a member of the tenant this role, in the place of the one before."""
        bearer = await self._admission.bearer(request, "update")
        role, user = path_id(request, "role_id"), path_id(request, "user_id")
        await self._members.require(bearer.tenant, user)
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            await assign(change, user, role)
        return answer(ShownAssignment(user=user, role=role))

    async def remove(self, request: web.Request) -> web.Response:
        """Leave a user without a role: they may do nothing."""
        bearer = await self._admission.bearer(request, "update")
        role, user = path_id(request, "role_id"), path_id(request, "user_id")
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            await unassign(change, user, role)
        return web.Response(status=204)

    async def leaving(self, request: web.Request) -> web.Response:
        """Whether a user may leave the tenant; who may is counted as gone from then on."""
        asked = await json_body(request, LeavingAsk)
        async with self._changing.change(asked.tenant, OPERATOR) as change:
            role = await roles.of_user(change.connection, asked.tenant, asked.user)
            allowed = (
                role is None
                or not role.reach.settings
                or await assignments.with_settings(change.connection, asked.tenant, without_user=asked.user)
            )
            if allowed:
                await assignments.leave(change.connection, asked.tenant, asked.user)
        return answer(LeavingAnswer(allowed=allowed))

    async def left(self, request: web.Request) -> web.Response:
        """End the role of who was removed; who has none is answered alike."""
        asked = await json_body(request, RoleUnassign)
        async with self._changing.change(asked.tenant, Actor(user=asked.actor, client=asked.through)) as change:
            await end(change, asked.user)
        return answer(Done())
