"""`/v1/teams`: who works with whom, for portfolios of the kind ``team``."""

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.members import MOST_AT_ONCE
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import not_found
from latchkey_permissions.changes import teams as changes
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.handlers.members import Members
from latchkey_permissions.handlers.named import check_name
from latchkey_permissions.store import teams
from latchkey_verify.admission import Admission

_Users = Annotated[tuple[Id, ...], msgspec.Meta(max_length=MOST_AT_ONCE)]


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    members: _Users = ()


class _Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET
    members: _Users | UnsetType = UNSET


class TeamsApi:
    def __init__(
        self,
        database: Database,
        admission: Admission,
        changing: Changing,
        members: Members,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._admission = admission
        self._changing = changing
        self._members = members
        self._clock = clock
        self._entropy = entropy

    async def create(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _New)
        check_name(wanted.name)
        await self._members.require_all(bearer.tenant, wanted.members, "/members")
        made = new_id(self._clock, self._entropy)
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            team = await changes.create(change, made, wanted.name, frozenset(wanted.members))
        return answer(team, 201, headers={"Location": f"/v1/teams/{made}"})

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await teams.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=lambda team: team, place=lambda team: team.id)

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        async with self._database.connection() as connection:
            team = await teams.get(connection, bearer.tenant, path_id(request, "team_id"))
        if team is None:
            raise not_found()
        return answer(team)

    async def edit(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are; the list of users is replaced as a whole."""
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _Changed)
        team = path_id(request, "team_id")
        name = None if wanted.name is UNSET else wanted.name
        users = None if wanted.members is UNSET else wanted.members
        if name is not None:
            check_name(name)
        await self._members.require_all(bearer.tenant, users or (), "/members")
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            changed = await changes.edit(change, team, name, None if users is None else frozenset(users))
        return answer(changed)

    async def remove(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        team = path_id(request, "team_id")
        async with self._changing.change(bearer.tenant, self._admission.actor(bearer)) as change:
            await changes.remove(change, team)
        return web.Response(status=204)
