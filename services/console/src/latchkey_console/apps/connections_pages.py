"""Connections of an app: to see them, to cut one, to cut all."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from latchkey_console.apps.connections_panel import panel
from latchkey_console.apps.in_place import in_place
from latchkey_console.desk import AtDesk, Desk
from latchkey_console.parts import Parts
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.routes import Handler, Route, page
from latchkey_look.pages import see_other

_SAID: Final = {
    "one": "The connection is cut. Its tokens do not work any more.",
    "all": "All connections of this app are cut. Their tokens do not work any more.",
}


class ConnectionsPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.Response:
        """A part of the client's page for htmx, else a page of its own."""
        return await self._shown(desk, await self._client(desk), desk.request.query.get("said"))

    async def cut_one(self, desk: Desk) -> web.Response:
        """Cut a connection; the same one again is no error."""
        await desk.form()
        client = await self._client(desk)
        await desk.send("token", "DELETE", f"/v1/connections/{path_id(desk.request, 'connection')}")
        return await self._done(desk, client, "one")

    async def cut_all(self, desk: Desk) -> web.Response:
        """Cut all of the app's connections in this workspace, at the cost of one."""
        await desk.form()
        client = await self._client(desk)
        await desk.send("token", "DELETE", "/v1/connections", params={"client": client["id"]})
        return await self._done(desk, client, "all")

    async def _done(self, desk: Desk, client: dict[str, Any], said: str) -> web.Response:
        if desk.is_partial:
            return await self._shown(desk, client, said)
        return see_other(f"/apps/{client['id']}/connections?said={said}")

    async def _shown(self, desk: Desk, client: dict[str, Any], said: str | None) -> web.Response:
        query = desk.request.query if desk.request.method == "GET" else {}
        connections = await panel(desk, client, ended=query.get("ended") == "1", cursor=query.get("cursor"))
        words = self._parts.pages.words(desk, _SAID[said]) if said in _SAID else ""
        values = {"connections": connections, "client": client, "cut": words}
        template = "apps/connections.html" if desk.is_partial else "apps/connections_page.html"
        return self._parts.pages.page(template, desk, values)

    async def _client(self, desk: Desk) -> Any:
        return await desk.send("client-registry", "GET", f"/v1/oauth-clients/{path_id(desk.request, 'id')}")


def _in_its_dialog(desk: Desk) -> str:
    """Where the person is when a cut is refused."""
    return f"#cut-{desk.request.match_info.get('connection', 'all')} .said"


def routes(parts: Parts) -> tuple[Route, ...]:
    pages, path = ConnectionsPages(parts), "/apps/{id}/connections"

    def entry(handler: AtDesk, where: Callable[[Desk], str] | None = None) -> Handler:
        return parts.desks.signed_in(in_place(parts.pages, handler, where), "app_center")

    return (
        page("GET", path, entry(pages.show, lambda _desk: "#connections")),
        page("POST", f"{path}/cut", entry(pages.cut_all, _in_its_dialog)),
        page("POST", f"{path}/{{connection}}/cut", entry(pages.cut_one, _in_its_dialog)),
    )
