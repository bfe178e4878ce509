"""`/roles/teams`: who works with whom, for roles that see the team's companies."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.holders import Candidate
from latchkey_console.people.lists import everything
from latchkey_console.people.refusals import WHOLE, beside
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """``members`` are users' ids."""

    id: str
    name: str
    members: tuple[str, ...] = ()


class TeamPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        return await self._list(desk, "", {})

    async def create(self, desk: Desk) -> web.Response:
        name = str((await desk.form()).get("name", "")).strip()
        try:
            team = await desk.send("permissions", "POST", "/v1/teams", {"name": name})
        except Problem as problem:
            return await self._list(desk, name, _refused(problem), problem.status)
        return see_other(f"/roles/teams/{team['id']}?said=made")

    async def show(self, desk: Desk) -> web.Response:
        return await self._form(desk, await _team(desk), {})

    async def save(self, desk: Desk) -> web.Response:
        form = await desk.form()
        members = tuple(dict.fromkeys(str(user) for user in form.getall("member", [])))
        typed = Team(id=path_id(desk.request, "team"), name=str(form.get("name", "")).strip(), members=members)
        body = {"name": typed.name, "members": typed.members}
        try:
            await desk.send("permissions", "PATCH", f"/v1/teams/{typed.id}", body)
        except Problem as problem:
            if problem.status == 404:
                raise
            return await self._form(desk, typed, _refused(problem), problem.status)
        return see_other(f"/roles/teams/{typed.id}?said=saved")

    async def remove(self, desk: Desk) -> web.Response:
        await desk.form()
        try:
            await desk.send("permissions", "DELETE", f"/v1/teams/{path_id(desk.request, 'team')}")
        except Problem as problem:
            if problem.status != 404:
                return await self._form(desk, await _team(desk), beside(problem, {}), problem.status)
        return see_other("/roles/teams?said=removed")

    async def _list(self, desk: Desk, typed: str, errors: Mapping[str, str], status: int = 200) -> web.Response:
        if not desk.may("role", "view"):
            return self._pages.page("people/no_right.html", desk, {"right": "role:view"}, 403)
        teams = await everything(desk, "permissions", "/v1/teams", Team)
        values = {
            "teams": sorted(teams, key=lambda team: team.name.casefold()),
            "typed": typed,
            **_common(desk, errors, status),
        }
        return self._pages.page("people/teams.html", desk, values, status)

    async def _form(self, desk: Desk, team: Team, errors: Mapping[str, str], status: int = 200) -> web.Response:
        for right in ("role", "member"):
            if not desk.may(right, "view"):
                return self._pages.page("people/no_right.html", desk, {"right": f"{right}:view"}, 403)
        members = await everything(desk, "auth", "/v1/members", Candidate)
        values = {
            "team": team,
            "members": sorted(members, key=lambda one: (one.name.casefold(), one.email)),
            **_common(desk, errors, status),
        }
        return self._pages.page("people/team.html", desk, values, status)


async def _team(desk: Desk) -> Team:
    return msgspec.convert(await desk.send("permissions", "GET", f"/v1/teams/{path_id(desk.request, 'team')}"), Team)


def _common(desk: Desk, errors: Mapping[str, str], status: int) -> dict[str, object]:
    return {
        "errors": errors,
        "whole": errors.get(WHOLE, ""),
        "may_save": desk.may("role", "update"),
        "told": desk.request.query.get("said", "") if status == 200 else "",
    }


def _refused(problem: Problem) -> dict[str, str]:
    if problem.code == "name_taken":
        return {"name": f"{problem.title} {problem.detail}"}
    return beside(problem, {"/name": "name", "/members": "members"})
