"""New secrets of a client, and the end of one."""

from typing import Final

import msgspec
from aiohttp import web

from latchkey_console.apps import registry
from latchkey_console.apps.client_page import Answer, ClientPage, still_stale
from latchkey_console.apps.edits import text
from latchkey_console.apps.views import App, app_of
from latchkey_console.desk import Desk
from latchkey_console.forms import Form
from latchkey_contracts.ids import is_id
from latchkey_kit.web.problems import FieldError, Problem, bad_request, not_found

OVERLAPS: Final = {"3600": 3600, "86400": 86_400, "604800": 604_800, "": None}
"""After so many seconds the older secret ends; ``None``: when somebody ends it."""


class Secrets:
    """A secret stands in the answer to the request that made it, and nowhere else.

    Each form says which secrets there were when it was shown. When there are others by now, as after a second click,
    nothing is made.
    """

    def __init__(self, client_page: ClientPage) -> None:
        self._client_page = client_page

    async def add(self, desk: Desk) -> web.Response:
        form = await desk.form()
        overlap = text(form, "overlap")
        if overlap not in OVERLAPS:
            raise bad_request("The page does not offer this.", FieldError(pointer="/overlap", message="Choose one."))
        seconds = OVERLAPS[overlap]
        return await self._make(desk, form, "/secrets", {} if seconds is None else {"overlap_seconds": seconds})

    async def regenerate(self, desk: Desk) -> web.Response:
        return await self._make(desk, await desk.form(), "/regenerate", None)

    async def retire(self, desk: Desk) -> web.Response:
        await desk.form()
        secret = desk.request.match_info["secret"]
        if not is_id(secret):
            raise not_found()
        try:
            await registry.send(desk, "DELETE", f"/secrets/{secret}")
        except Problem as problem:
            if problem.status != 409:
                raise
            return await self._client_page.refuse(desk, await registry.one_app(desk), problem)
        return await self._client_page.back(desk, "secret_retired")

    async def _make(self, desk: Desk, form: Form, below: str, body: object) -> web.Response:
        app = await registry.one_app(desk)
        if text(form, "seen") != seen(app):
            changed = Problem(409, "secrets_changed", "The secrets were changed meanwhile.", "Nothing was done now.")
            return await self._client_page.refuse(desk, app, changed)
        try:
            made = app_of(await registry.send(desk, "POST", below, body))
        except Problem as problem:
            if problem.status != 409:
                raise
            return await self._client_page.refuse(desk, app, problem)
        whole = msgspec.structs.replace(made, permissions=app.permissions)
        stale = still_stale(app, text(form, "revision"))
        return await self._client_page.answer(desk, whole, Answer(secret=made.client_secret, revision=stale))


def seen(app: App) -> str:
    """Which secrets there are, for the hidden field of a form."""
    return ",".join(secret.id for secret in app.secrets)
