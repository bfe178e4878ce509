"""`/staff/apps`: any workspace's apps, and the two switches of staff."""

from typing import Literal

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.people.lists import page
from latchkey_console.people.refusals import beside
from latchkey_console.staff.workspaces import titles
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem, not_found
from latchkey_look.pages import see_other

_PATH = "/v1/all-clients"


class App(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    tenant: str
    status: Literal["active", "disabled", "compromised", "deleted"]
    published: bool = False
    dynamic: bool = False
    logo: str | None = None


class AppsPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        """Search; nothing is listed before somebody looks for something."""
        words, cursor = desk.request.query.get("q", "").strip(), desk.request.query.get("cursor", "")
        found: list[App] = []
        after = None
        if words:
            asked = {"q": words} | ({"cursor": cursor} if cursor else {})
            found, after = await page(desk, "client-registry", _PATH, App, asked)
        values = {
            "apps": found,
            "titles": await titles(desk, [app.tenant for app in found]),
            "q": words,
            "cursor": cursor,
            "after": after,
        }
        return self._pages.page("staff/apps.html", desk, values)

    async def show(self, desk: Desk) -> web.Response:
        return await self._page(desk)

    async def dynamic(self, desk: Desk) -> web.Response:
        is_on = (await desk.form()).get("on") == "1"
        return await self._switched(desk, "dynamic", is_on=is_on)

    async def compromised(self, desk: Desk) -> web.Response:
        is_on = (await desk.form()).get("on") == "1"
        return await self._switched(desk, "compromised", is_on=is_on)

    async def _switched(self, desk: Desk, switch: str, *, is_on: bool) -> web.Response:
        client = path_id(desk.request, "client")
        try:
            answer = await desk.send("client-registry", "PUT", f"{_PATH}/{client}/{switch}", {"on": is_on})
        except Problem as problem:
            if problem.status == 404:
                raise
            return await self._page(desk, " ".join(beside(problem, {}).values()), problem.status)
        said = "pending" if answer.get("pending") else f"{switch}_{'on' if is_on else 'off'}"
        return see_other(f"/staff/apps/{client}?said={said}")

    async def _page(self, desk: Desk, problem: str = "", status: int = 200) -> web.Response:
        client = path_id(desk.request, "client")
        found, _ = await page(desk, "client-registry", _PATH, App, {"q": client})
        app = next((one for one in found if one.id == client), None)
        if app is None:
            raise not_found("There is no app with this id, or it was deleted.")
        values = {
            "app": app,
            "tenant": (await titles(desk, [app.tenant])).get(app.tenant, app.tenant),
            "problem": problem,
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("staff/app.html", desk, values, status)
