"""What an admin does to a whole client: disable, enable, delete, ask for publication."""

from aiohttp import web

from latchkey_console.apps import registry
from latchkey_console.apps.client_page import ClientPage
from latchkey_console.apps.edits import text
from latchkey_console.desk import Desk
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other

_SHOWN = frozenset({400, 403, 409})


class Turns:
    def __init__(self, client_page: ClientPage) -> None:
        self._client_page = client_page

    async def disable(self, desk: Desk) -> web.Response:
        return await self._send(desk, "POST", "/disable", "disabled")

    async def enable(self, desk: Desk) -> web.Response:
        return await self._send(desk, "POST", "/enable", "enabled")

    async def delete(self, desk: Desk) -> web.Response:
        """Delete it if its name was typed as it is."""
        form = await desk.form()
        app = await registry.one_app(desk)
        if text(form, "typed_name").strip() != app.name.strip():
            detail = "The app was not deleted: the name that was typed is another one."
            return await self._client_page.refuse(desk, app, Problem(400, "other_name", detail))
        await registry.send(desk, "DELETE", "")
        return see_other("/apps?said=deleted")

    async def publish(self, desk: Desk) -> web.Response:
        note = text(await desk.form(), "note").strip()
        return await self._send(desk, "POST", "/publish", "publication_requested", {"note": note})

    async def withdraw(self, desk: Desk) -> web.Response:
        return await self._send(desk, "DELETE", "/publish", "publication_withdrawn")

    async def _send(self, desk: Desk, method: str, below: str, said: str, body: object = None) -> web.Response:
        form = await desk.form()
        try:
            await registry.send(desk, method, below, body)
        except Problem as problem:
            if problem.status not in _SHOWN:
                raise
            app = await registry.one_app(desk)
            return await self._client_page.refuse(desk, app, problem, note=text(form, "note"))
        return await self._client_page.back(desk, said)
