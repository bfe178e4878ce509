"""The preview of consent, while boxes are ticked and nothing is saved."""

import asyncio

from aiohttp import web

from latchkey_console.apps import registry
from latchkey_console.apps.matrix import permissions_from
from latchkey_console.apps.permissions_panel import models_of, preview
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.spoken import spoken
from latchkey_kit.web.routes import Route, page


class PermissionsPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def preview(self, desk: Desk) -> web.Response:
        """A part of the client's page for htmx; a page of its own for a browser without script."""
        form = await desk.form()
        app, models = await asyncio.gather(registry.one_app(desk), models_of(desk))
        found = await preview(desk, app, permissions_from(form, models) or {}, models)
        template = "apps/preview.html" if desk.is_partial else "apps/preview_page.html"
        return self._pages.page(template, desk, {"preview": found, "client": app})


def routes(parts: Parts) -> tuple[Route, ...]:
    preview = spoken(parts.pages, PermissionsPages(parts).preview)
    return (page("POST", "/apps/{client}/preview", parts.desks.signed_in(preview, "app_center")),)
