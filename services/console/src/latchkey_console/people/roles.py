"""`/roles`: what there is, making one, changing one."""

from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from latchkey_console.apps.matrix import Models
from latchkey_console.apps.permissions_panel import by_model, models_of
from latchkey_console.desk import Desk
from latchkey_console.forms import if_match
from latchkey_console.parts import Parts
from latchkey_console.people import holders
from latchkey_console.people.drafts import Differences, Draft, Role, differences, draft_in, draft_of
from latchkey_console.people.lists import everything
from latchkey_console.people.refusals import WHOLE, beside
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other
from latchkey_policy.words import describe

_FIELDS: Final = {
    "/name": "name",
    "/portfolio": "portfolio",
    "/app_center": "app_center",
    "/settings": "settings",
    "/audit": "audit",
    "/permissions": "permissions",
}


class RolePages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        if not desk.may("role", "view"):
            return self._pages.page("people/no_right.html", desk, {"right": "role:view"}, 403)
        roles = await everything(desk, "permissions", "/v1/roles", Role)
        shown = {"roles": sorted(roles, key=lambda role: role.name.casefold())}
        return self._pages.page("people/roles.html", desk, {**shown, "told": desk.request.query.get("said", "")})

    async def new(self, desk: Desk) -> web.Response:
        return await self._form(desk, None, Draft(), {})

    async def create(self, desk: Desk) -> web.Response:
        typed = draft_in(await desk.form(), await models_of(desk), {})
        try:
            role = await desk.send("permissions", "POST", "/v1/roles", typed.body())
        except Problem as problem:
            rows = by_model(problem.errors)
            return await self._form(desk, None, typed, _refused(problem), problem.status, in_rows=rows)
        return see_other(f"/roles/{role['id']}?said=made")

    async def show(self, desk: Desk) -> web.Response:
        if not desk.may("role", "view"):
            return self._pages.page("people/no_right.html", desk, {"right": "role:view"}, 403)
        return await self.page_of(desk, {})

    async def page_of(self, desk: Desk, errors: Mapping[str, str], status: int = 200) -> web.Response:
        """Show the role of the address as it is saved."""
        role = await _role(desk)
        return await self._form(desk, role, draft_of(role), errors, status)

    async def save(self, desk: Desk) -> web.Response:
        form, models, role = await desk.form(), await models_of(desk), await _role(desk)
        typed, seen = draft_in(form, models, role.permissions), str(form.get("revision", ""))
        path, match = f"/v1/roles/{role.id}", if_match(seen)
        try:
            await desk.send("permissions", "PATCH", path, typed.body(), headers=match)
        except Problem as problem:
            if problem.code == "changed_meanwhile":
                return await self._stale(desk, typed, models)
            rows = by_model(problem.errors)
            return await self._form(desk, role, typed, _refused(problem), problem.status, seen=seen, in_rows=rows)
        return see_other(f"/roles/{role.id}?said=saved")

    async def remove(self, desk: Desk) -> web.Response:
        await desk.form()
        try:
            await desk.send("permissions", "DELETE", f"/v1/roles/{path_id(desk.request, 'role')}")
        except Problem as problem:
            if problem.status == 404:
                raise
            return await self.page_of(desk, beside(problem, {}), problem.status)
        return see_other("/roles?said=removed")

    async def _stale(self, desk: Desk, typed: Draft, models: Models) -> web.Response:
        """Show what was typed, and what is saved where it differs; saving this page means the typed words."""
        role = await _role(desk)
        found = differences(draft_of(role), typed, models)
        return await self._form(desk, role, typed, {}, 412, stale=found)

    async def _form(
        self,
        desk: Desk,
        role: Role | None,
        draft: Draft,
        errors: Mapping[str, str],
        status: int = 200,
        *,
        stale: Differences | None = None,
        seen: str | None = None,
        in_rows: Mapping[str, str] | None = None,
    ) -> web.Response:
        models = await models_of(desk)
        is_own = role is not None and desk.rights is not None and desk.rights.role == role.id
        values = {
            "role": role,
            "draft": draft,
            "models": models,
            "in_words": describe(models.today(draft.permissions), models.catalogue),
            "in_rows": in_rows or {},
            "errors": errors,
            "whole": errors.get(WHOLE, ""),
            "stale": stale,
            "revision": seen if seen is not None else role.revision if role else "",
            "is_own": is_own,
            "may_save": desk.may("role", "update" if role else "create") and not is_own,
            "may_assign": desk.may("role", "update"),
            "may_remove": desk.may("role", "remove") and not is_own,
            "holding": await holders.holding(desk, role.id) if role else None,
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("people/role.html", desk, values, status)


async def _role(desk: Desk) -> Role:
    found = await desk.send("permissions", "GET", f"/v1/roles/{path_id(desk.request, 'role')}")
    return msgspec.convert(found, Role)


def _refused(problem: Problem) -> dict[str, str]:
    """404 and 503 are no matter of the form."""
    if problem.status == 404:
        raise problem
    if problem.code == "name_taken":
        return {"name": f"{problem.title} {problem.detail}"}
    return beside(problem, _FIELDS)
