"""`/staff`: the workspaces, their Labs switch, and making one."""

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.lists import page
from latchkey_console.people.members import Made
from latchkey_console.people.refusals import WHOLE, beside
from latchkey_contracts.ids import is_id
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace. ``members`` is how many there are."""

    id: str
    name: str
    title: str
    members: int
    off_boarded: bool
    created_at: dt.datetime


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form for a new workspace."""

    name: str = ""
    title: str = ""
    admin_email: str = ""


class WorkspacePages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        return await self._page(desk, Typed(), {})

    async def create(self, desk: Desk) -> web.Response:
        """Answer with the page itself: it shows the link, which nobody can be shown again."""
        form = await desk.form()
        typed = Typed(**{name: str(form.get(name, "")).strip() for name in Typed.__struct_fields__})
        try:
            answer = await desk.send("auth", "POST", "/v1/tenants", msgspec.structs.asdict(typed))
        except Problem as problem:
            return await self._page(desk, typed, _refused(problem), problem.status)
        made = msgspec.structs.replace(msgspec.convert(answer, Made), email=typed.admin_email)
        return await self._page(desk, Typed(), {}, 201, made=made)

    async def labs(self, desk: Desk) -> web.Response:
        """Turn Labs on or off, and go back to the same list."""
        form = await desk.form()
        is_on = form.get("on") == "1"
        await desk.send("client-registry", "PUT", f"/v1/labs/{path_id(desk.request, 'tenant')}", {"on": is_on})
        where = {name: str(form[name]) for name in ("q", "cursor") if form.get(name)}
        return see_other(f"/staff?{urlencode(where | {'said': 'labs_on' if is_on else 'labs_off'})}")

    async def _page(
        self, desk: Desk, typed: Typed, errors: Mapping[str, str], status: int = 200, made: Made | None = None
    ) -> web.Response:
        words, cursor = desk.request.query.get("q", "").strip(), desk.request.query.get("cursor", "")
        asked = {name: value for name, value in (("q", words), ("cursor", cursor)) if value}
        tenants, after = await page(desk, "auth", "/v1/tenants", Tenant, asked)
        labs = await desk.send("client-registry", "GET", "/v1/labs")
        values = {
            "tenants": tenants,
            "labs": frozenset(labs["on"]),
            "q": words,
            "cursor": cursor,
            "after": after,
            "typed": typed,
            "errors": errors,
            "whole": errors.get(WHOLE, ""),
            "made": made,
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("staff/workspaces.html", desk, values, status)


async def titles(desk: Desk, tenants: Iterable[str]) -> dict[str, str]:
    """What some workspaces are called; one that is not found is left out."""
    found: dict[str, str] = {}
    for tenant in sorted({one for one in tenants if is_id(one)}):
        rows, _ = await page(desk, "auth", "/v1/tenants", Tenant, {"q": tenant})
        found |= {row.id: row.title for row in rows if row.id == tenant}
    return found


def _refused(problem: Problem) -> dict[str, str]:
    if problem.code == "name_taken" and not problem.errors:
        return {"name": f"{problem.title} {problem.detail}".strip()}
    return beside(problem, {"/name": "name", "/title": "title", "/admin_email": "admin_email"})
