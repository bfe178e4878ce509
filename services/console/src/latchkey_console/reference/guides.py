"""`/docs`: how to connect an assistant or an app, for everybody."""

from aiohttp import web

from latchkey_console.parts import Parts
from latchkey_contracts.api import Api


class Guides:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, request: web.Request) -> web.Response:
        desk = await self._parts.desks.visitor(request)
        return self._parts.pages.page("docs.html", desk, {"api": Api(self._parts.origin), "origin": self._parts.origin})
