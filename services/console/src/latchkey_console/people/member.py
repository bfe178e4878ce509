"""`/members/{id}`: one member's role, a password link for them, and taking them out of the workspace."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.holders import named_people
from latchkey_console.people.members import Made, roles_of
from latchkey_console.people.refusals import WHOLE, beside
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.console import NamedPerson, RoleOf, RolesOf
from latchkey_contracts.requests.members import MembersGet
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem, not_found
from latchkey_look.pages import see_other


class MemberPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def show(self, desk: Desk) -> web.Response:
        return await self._page(desk, {})

    async def change_role(self, desk: Desk) -> web.Response:
        """Give them another role; the empty one takes theirs away."""
        wanted, user = str((await desk.form()).get("role", "")), path_id(desk.request, "user")
        before = await _role_of(desk, user)
        if wanted == (before.id if before else ""):
            return see_other(f"/members/{user}")
        if wanted and not is_id(wanted):
            raise not_found()
        try:
            if wanted:
                await desk.send("permissions", "PUT", f"/v1/roles/{wanted}/members/{user}")
            elif before:
                await desk.send("permissions", "DELETE", f"/v1/roles/{before.id}/members/{user}")
        except Problem as problem:
            errors = {"role": " ".join(beside(problem, {}).values())}
            return await self._page(desk, errors, problem.status, chosen=wanted)
        return see_other(f"/members/{user}?said=role")

    async def password_link(self, desk: Desk) -> web.Response:
        """Answer with the page itself: it shows the link, which nobody can be shown again."""
        await desk.form()
        try:
            answer = await desk.send("auth", "POST", f"/v1/members/{path_id(desk.request, 'user')}/password-link")
        except Problem as problem:
            errors = {"password": " ".join(beside(problem, {}).values())}
            return await self._page(desk, errors, problem.status)
        return await self._page(desk, {}, 201, made=msgspec.convert(answer, Made))

    async def remove(self, desk: Desk) -> web.Response:
        await desk.form()
        try:
            answer = await desk.send("auth", "DELETE", f"/v1/members/{path_id(desk.request, 'user')}")
        except Problem as problem:
            if problem.status == 404:
                return see_other("/members?said=removed")
            return await self._page(desk, {WHOLE: " ".join(beside(problem, {}).values())}, problem.status)
        return see_other(f"/members?said={'removing' if answer.get('pending') else 'removed'}")

    async def _page(
        self,
        desk: Desk,
        errors: Mapping[str, str],
        status: int = 200,
        *,
        made: Made | None = None,
        chosen: str | None = None,
    ) -> web.Response:
        if not desk.may("member", "view"):
            return self._pages.page("people/no_right.html", desk, {"right": "member:view"}, 403)
        user = path_id(desk.request, "user")
        member = await _member(desk, user)
        role = await _role_of(desk, user)
        values = {
            "user": user,
            "member": member,
            "role": role,
            "chosen": chosen if chosen is not None else role.id if role else "",
            "roles": await roles_of(desk),
            "errors": errors,
            "whole": errors.get(WHOLE, ""),
            "made": made,
            "is_self": user == desk.person.user,
            "may_assign": desk.may("role", "update"),
            "may_update": desk.may("member", "update"),
            "may_remove": desk.may("member", "remove"),
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("people/member.html", desk, values, status)


async def _member(desk: Desk, user: str) -> NamedPerson:
    """Who it is; 404 for who is no member now."""
    there = await desk.ask("auth", MembersGet(tenant=desk.workspace.id, users=(user,)))
    named = await named_people(desk, list(there.members))
    if user not in named:
        raise not_found("Nobody with this id is a member of this workspace.")
    return named[user]


async def _role_of(desk: Desk, user: str) -> RoleOf | None:
    return (await desk.ask("permissions", RolesOf(tenant=desk.workspace.id, users=(user,)))).roles.get(user)
