"""`/v1/oauth-clients/{id}/logo`: an admin gives a client its picture. `/logos/…`: every page shows it."""

import re
from typing import Final

from aiohttp import web

from latchkey_client_registry.changes.logos import LogoChanges
from latchkey_client_registry.drawing import Drawing
from latchkey_client_registry.handlers.views import changed
from latchkey_client_registry.store import logos
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import FieldError, Problem, not_found
from latchkey_verify.admission import Admission

MOST_BYTES: Final = 512 * 1024
_FILE = re.compile(r"([0-9a-f]{64})\.png")
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",  # another picture has another path
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Logos:
    """Every answer to an admin is the client as it stands, as in `ClientTurns`."""

    def __init__(self, database: Database, admission: Admission, changes: LogoChanges, drawing: Drawing) -> None:
        self._database = database
        self._admission = admission
        self._changes = changes
        self._drawing = drawing

    async def put(self, request: web.Request) -> web.Response:
        """The body is the picture: PNG, JPEG, WebP or GIF, whatever its name and content type."""
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        png = await self._drawing.draw(await _picture(request), bearer.tenant)
        return changed(await self._changes.put(bearer.tenant, client, png, self._admission.actor(bearer)))

    async def drop(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        return changed(await self._changes.drop(bearer.tenant, client, self._admission.actor(bearer)))

    async def show(self, request: web.Request) -> web.Response:
        """For everybody, as the page that asks for consent is."""
        client, file = path_id(request, "client_id"), _FILE.fullmatch(request.match_info["file"])
        if file is None:
            raise not_found()
        async with self._database.connection() as connection:
            png = await logos.get(connection, client, file[1])
        if png is None:
            raise not_found()
        return web.Response(body=png, content_type="image/png", headers=_HEADERS)


async def _picture(request: web.Request) -> bytes:
    if (request.content_length or 0) > MOST_BYTES or len(picture := await request.read()) > MOST_BYTES:
        message = f"A logo has at most {MOST_BYTES // 1024} kB."
        error = FieldError(pointer="/logo", message=message)
        raise Problem(413, "too_large", "The picture is too large.", message, errors=(error,))
    return picture
