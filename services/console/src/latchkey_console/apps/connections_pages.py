"""Connections of an app: to see them, to disconnect one, to disconnect all."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from latchkey_console.apps import registry
from latchkey_console.apps.connections_panel import panel
from latchkey_console.apps.soft import if_there
from latchkey_console.apps.views import App
from latchkey_console.desk import AtDesk, Desk
from latchkey_console.parts import Parts
from latchkey_console.spoken import spoken
from latchkey_contracts.ids import is_id
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.routes import Handler, Route, page
from latchkey_look.pages import see_other


class ConnectionsPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.Response:
        """A part of the client's page for htmx, else a page of its own."""
        return await self._shown(desk, await registry.one_app(desk), desk.request.query.get("said"))

    async def cut_one(self, desk: Desk) -> web.Response:
        """Disconnect one; the same one again is no error."""
        await desk.form()
        app = await registry.one_app(desk)
        await desk.send("token", "DELETE", f"/v1/connections/{path_id(desk.request, 'connection')}")
        return await self._done(desk, app, "one")

    async def cut_all(self, desk: Desk) -> web.Response:
        """Disconnect all of the app's connections in this workspace, at the cost of one."""
        await desk.form()
        app = await registry.one_app(desk)
        await desk.send("token", "DELETE", "/v1/connections", params={"client": app.id})
        return await self._done(desk, app, "all")

    async def _done(self, desk: Desk, app: App, said: str) -> web.Response:
        if desk.is_partial:
            return await self._shown(desk, app, said)
        return see_other(f"/apps/{app.id}/connections?said={said}")

    async def _shown(self, desk: Desk, app: App, said: str | None) -> web.Response:
        query = desk.request.query if desk.request.method == "GET" else {}
        connections, now = await asyncio.gather(
            panel(desk, app, ended=query.get("ended") == "1", cursor=query.get("cursor")),
            if_there(registry.use_now(desk, app.id)),
        )
        values = {"connections": connections, "now": now, "client": app, "cut": said}
        template = "apps/connections.html" if desk.is_partial else "apps/connections_page.html"
        return self._parts.pages.page(template, desk, values)


def _in_its_dialog(desk: Desk) -> str:
    """Where the person is when it is refused."""
    connection = desk.request.match_info.get("connection", "")
    return f"#cut-{connection if is_id(connection) else 'all'} .said"


def routes(parts: Parts) -> tuple[Route, ...]:
    pages, path = ConnectionsPages(parts), "/apps/{client}/connections"

    def entry(handler: AtDesk, where: Callable[[Desk], str] | None = None) -> Handler:
        return parts.desks.signed_in(spoken(parts.pages, handler, where=where), "app_center")

    return (
        page("GET", path, entry(pages.show)),
        page("POST", f"{path}/cut", entry(pages.cut_all, _in_its_dialog)),
        page("POST", f"{path}/{{connection}}/cut", entry(pages.cut_one, _in_its_dialog)),
    )
