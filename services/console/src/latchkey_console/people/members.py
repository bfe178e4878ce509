"""`/members`: who belongs to the workspace, who is invited, inviting."""

import datetime as dt
from collections.abc import Mapping

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.drafts import Role
from latchkey_console.people.holders import named_people
from latchkey_console.people.lists import everything, page
from latchkey_console.people.refusals import WHOLE, beside
from latchkey_contracts.requests.console import RoleOf, RolesOf
from latchkey_kit.marking import N_
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other


class Member(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    email: str
    name: str
    since: dt.datetime


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """``role`` and ``invited_by`` are ids."""

    id: str
    email: str
    role: str
    created_at: dt.datetime
    expires_at: dt.datetime
    invited_by: str | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A link that is shown once, and whom it is for."""

    url: str
    expires_at: dt.datetime | None = None
    email: str = ""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form for a new invitation."""

    email: str = ""
    role: str = ""


class MembersPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        return await self._page(desk, Typed(), {})

    async def invite(self, desk: Desk) -> web.Response:
        """Answer with the page itself: it shows the link, which nobody can be shown again."""
        form = await desk.form()
        typed = Typed(email=str(form.get("email", "")).strip(), role=str(form.get("role", "")))
        if missing := self._missing(desk, typed):
            return await self._page(desk, typed, missing, 400)
        try:
            answer = await desk.send("auth", "POST", "/v1/invitations", {"email": typed.email, "role": typed.role})
        except Problem as problem:
            fields = {"/email": "email", "/role": "role"}
            return await self._page(desk, typed, beside(problem, fields), problem.status)
        return await self._page(desk, Typed(), {}, 201, made=msgspec.convert(answer, Made))

    async def withdraw(self, desk: Desk) -> web.Response:
        await desk.form()
        try:
            await desk.send("auth", "DELETE", f"/v1/invitations/{path_id(desk.request, 'invitation')}")
        except Problem as problem:
            if problem.status != 404:
                raise
        return see_other("/members?said=withdrawn")

    def _missing(self, desk: Desk, typed: Typed) -> dict[str, str]:
        missing = {}
        if not typed.email:
            missing["email"] = self._pages.words(desk, N_("Type an e-mail address."))
        if not typed.role:
            missing["role"] = self._pages.words(desk, N_("Choose a role."))
        return missing

    async def _page(
        self, desk: Desk, typed: Typed, errors: Mapping[str, str], status: int = 200, made: Made | None = None
    ) -> web.Response:
        if not desk.may("member", "view"):
            return self._pages.page("people/no_right.html", desk, {"right": "member:view"}, 403)
        cursor = desk.request.query.get("cursor")
        members, after = await page(desk, "auth", "/v1/members", Member, {"cursor": cursor} if cursor else {})
        invitations, _ = await page(desk, "auth", "/v1/invitations", Invitation)
        names = await named_people(desk, sorted({one.invited_by for one in invitations if one.invited_by}))
        roles = await roles_of(desk)
        values = {
            "members": members,
            "roles_of": await _roles_had(desk, members),
            "cursor": cursor,
            "after": after,
            "invitations": invitations,
            "inviters": names,
            "roles": roles,
            "role_names": {role.id: role.name for role in roles},
            "typed": typed,
            "errors": errors,
            "whole": errors.get(WHOLE, ""),
            "made": made,
            "may_invite": desk.may("member", "create"),
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("people/members.html", desk, values, status)


async def roles_of(desk: Desk) -> list[Role]:
    """The workspace's roles by name; none for who may not see them."""
    if not desk.may("role", "view"):
        return []
    roles = await everything(desk, "permissions", "/v1/roles", Role)
    return sorted(roles, key=lambda role: role.name.casefold())


async def _roles_had(desk: Desk, members: list[Member]) -> dict[str, RoleOf]:
    if not members:
        return {}
    question = RolesOf(tenant=desk.workspace.id, users=tuple(member.id for member in members))
    return (await desk.ask("permissions", question)).roles
