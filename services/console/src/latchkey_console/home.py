"""Where somebody begins, and which workspace is open."""

from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_look.pages import see_other


class Home:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.Response:
        """Send everybody to what they come for."""
        said = "?said=joined" if desk.request.query.get("said") == "joined" else ""
        if desk.shows("apps"):
            return see_other(f"/apps{said}")
        if desk.shows("staff"):
            return see_other("/staff")
        return see_other(f"/profile/applications{said}")

    async def choose(self, desk: Desk) -> web.Response:
        """Open another workspace of theirs."""
        form = await desk.form()
        name = str(form.get("workspace", ""))
        response = see_other("/")
        if name in {one.name for one in desk.person.workspaces}:
            self._parts.desks.cookies.put(response, self._parts.desks.cookies.workspace, name)
        return response
