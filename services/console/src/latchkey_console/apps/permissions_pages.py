"""The preview of consent, while boxes are ticked and nothing is saved."""

import msgspec
from aiohttp import web

from latchkey_console.apps.in_place import in_place
from latchkey_console.apps.matrix import permissions_from
from latchkey_console.apps.permissions_panel import models_of, preview
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.routes import Route, page


class _App(msgspec.Struct, frozen=True, kw_only=True):
    """A client as its owner shows it."""

    id: str
    name: str
    permissions: PlainPermissions | None = None
    dynamic: bool = False


class PermissionsPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def preview(self, desk: Desk) -> web.Response:
        """A part of the client's page for htmx; a page of its own for a browser without script."""
        form = await desk.form()
        told = await desk.send("client-registry", "GET", f"/v1/oauth-clients/{path_id(desk.request, 'id')}")
        app, models = msgspec.convert(told, _App), await models_of(desk)
        found = await preview(desk, app, permissions_from(form, models) or {}, models)
        template = "apps/preview.html" if desk.is_partial else "apps/preview_page.html"
        return self._pages.page(template, desk, {"preview": found, "client": app})


def routes(parts: Parts) -> tuple[Route, ...]:
    preview = in_place(parts.pages, PermissionsPages(parts).preview)
    return (page("POST", "/apps/{id}/preview", parts.desks.signed_in(preview, "app_center")),)
