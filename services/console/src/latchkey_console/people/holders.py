"""Who has a role: shown with it, given to somebody, taken from somebody."""

from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.pages import ConsolePages
from latchkey_console.people.lists import page
from latchkey_console.people.refusals import beside
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.console import NamedPerson, PeopleNamed
from latchkey_kit.marking import N_
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other

if TYPE_CHECKING:
    from latchkey_console.people.roles import RolePages

_SHOWN = {"limit": "200"}


class Row(msgspec.Struct, frozen=True):
    id: str


class Candidate(msgspec.Struct, frozen=True):
    id: str
    name: str
    email: str


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """``people`` have the role, ``others`` could be given it; there may be more of either than are shown."""

    people: tuple[tuple[str, NamedPerson], ...]
    more_people: bool
    others: tuple[Candidate, ...]
    more_others: bool


async def holding(desk: Desk, role: str) -> Holding:
    rows, cursor = await page(desk, "permissions", f"/v1/roles/{role}/members", Row, _SHOWN)
    have = [row.id for row in rows]
    named = await named_people(desk, have)
    others: list[Candidate] = []
    more = None
    if desk.may("member", "view") and desk.may("role", "update"):
        others, more = await page(desk, "auth", "/v1/members", Candidate, _SHOWN)
    return Holding(
        people=tuple((user, named.get(user, NamedPerson(name=user, email=""))) for user in have),
        more_people=cursor is not None,
        others=tuple(one for one in others if one.id not in have and one.id != desk.person.user),
        more_others=more is not None,
    )


async def named_people(desk: Desk, users: list[str]) -> dict[str, NamedPerson]:
    """Who some users are; nothing is asked about nobody."""
    if not users:
        return {}
    return (await desk.ask("auth", PeopleNamed(tenant=desk.workspace.id, users=tuple(users)))).people


class Holders:
    def __init__(self, roles: "RolePages", pages: ConsolePages) -> None:
        self._roles = roles
        self._pages = pages

    async def give(self, desk: Desk) -> web.Response:
        user = str((await desk.form()).get("user", ""))
        role = path_id(desk.request, "role")
        if not is_id(user):
            return await self._roles.page_of(desk, {"user": self._pages.words(desk, N_("Choose somebody."))}, 400)
        return await self._changed(desk, "PUT", f"/v1/roles/{role}/members/{user}", "given")

    async def take(self, desk: Desk) -> web.Response:
        await desk.form()
        role, user = path_id(desk.request, "role"), path_id(desk.request, "user")
        return await self._changed(desk, "DELETE", f"/v1/roles/{role}/members/{user}", "taken")

    async def _changed(self, desk: Desk, method: str, path: str, said: str) -> web.Response:
        try:
            await desk.send("permissions", method, path)
        except Problem as problem:
            return await self._roles.page_of(desk, {"user": " ".join(beside(problem, {}).values())}, problem.status)
        return see_other(f"/roles/{path_id(desk.request, 'role')}?said={said}#people")
