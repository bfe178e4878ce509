"""The picture of a client. Its owner looks at what it is, and draws it anew."""

from aiohttp import web

from latchkey_console.apps import registry
from latchkey_console.apps.client_page import Answer, ClientPage, still_stale
from latchkey_console.apps.edits import text
from latchkey_console.desk import Desk
from latchkey_console.forms import Form
from latchkey_kit.web.problems import FieldError, Problem

LARGEST = 512 * 1024
"""Bytes; the owner takes no more."""
_SHOWN = frozenset({400, 413, 415, 422})


class Logos:
    def __init__(self, client_page: ClientPage) -> None:
        self._client_page = client_page

    async def put(self, desk: Desk) -> web.Response:
        form = await desk.form()
        given = form.get("logo")
        picture = given.file.read(LARGEST + 1) if isinstance(given, web.FileField) else b""
        if not picture:
            return await self._refused(desk, _about("Choose a picture first."))
        if len(picture) > LARGEST:
            return await self._refused(desk, _about("The picture is larger than 512 kB."))
        return await self._send(desk, form, "PUT", picture, "logo_saved")

    async def remove(self, desk: Desk) -> web.Response:
        return await self._send(desk, await desk.form(), "DELETE", None, "logo_removed")

    async def _send(self, desk: Desk, form: Form, method: str, picture: bytes | None, said: str) -> web.Response:
        """What was typed in the form of the page is kept: htmx takes the picture's part only, and the new revision."""
        before = await registry.one_app(desk)
        try:
            await registry.send(desk, method, "/logo", picture, {"Content-Type": "application/octet-stream"})
        except Problem as problem:
            if problem.status not in _SHOWN:
                raise
            return await self._refused(desk, _about(problem.detail or problem.title, problem.status))
        if not desk.is_partial:
            return await self._client_page.back(desk, said)
        stale = still_stale(before, text(form, "revision"))
        return await self._client_page.answer(desk, await registry.one_app(desk), Answer(revision=stale, said=said))

    async def _refused(self, desk: Desk, problem: Problem) -> web.Response:
        return await self._client_page.refuse(desk, await registry.one_app(desk), problem)


def _about(message: str, status: int = 400) -> Problem:
    return Problem(status, "no_logo", message, errors=(FieldError(pointer="/logo", message=message),))
