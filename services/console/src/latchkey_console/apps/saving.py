"""Saving the form of a client, over what it was when the form was shown."""

import msgspec
from aiohttp import web

from latchkey_console.apps import panels, registry, terms
from latchkey_console.apps.client_page import Answer, ClientPage
from latchkey_console.apps.edits import Typed, changes, differences, text, typed_of
from latchkey_console.apps.views import App, app_of
from latchkey_console.desk import Desk
from latchkey_console.forms import Form
from latchkey_console.pages import ConsolePages
from latchkey_kit.web.problems import FieldError, Problem, bad_request

_SHOWN = frozenset({400, 403, 409})
"""What the owner may say to what was typed. Anything else is no matter of the form."""


class Saving:
    def __init__(self, client_page: ClientPage, pages: ConsolePages) -> None:
        self._client_page = client_page
        self._pages = pages

    async def save(self, desk: Desk) -> web.Response:
        """Change what was changed in the form.

        What is refused is shown as it was typed. Who saves over somebody else's change sees both first.
        """
        form = await desk.form()
        app = await registry.one_app(desk)
        typed = typed_of(form, await panels.permissions_from(desk, app, form))
        if "row" in form:
            answer = Answer(typed=_with_rows(typed, text(form, "row")), revision=_revision(form), rows=1)
            return await self._client_page.answer(desk, app, answer)
        wanted = changes(app, typed)
        if not wanted:
            return await self._client_page.back(desk, "nothing_changed")
        if _revision(form) != app.revision:
            return await self._conflict(desk, app, typed)
        problem = self._problem(desk, typed)
        if problem is not None:
            return await self._client_page.refuse(desk, app, problem, typed)
        return await self._change(desk, app, typed, wanted)

    def _problem(self, desk: Desk, typed: Typed) -> Problem | None:
        """What no owner needs to be asked about."""
        wrong = terms.problems(typed.terms, lambda message: self._pages.words(desk, message)) if typed.terms else {}
        errors = [FieldError(pointer=f"/{name}", message=message) for name, message in wrong.items()]
        return bad_request("A field is not valid.", *errors) if errors else None

    async def _change(self, desk: Desk, app: App, typed: Typed, wanted: dict[str, object]) -> web.Response:
        try:
            told = await registry.send(desk, "PATCH", "", wanted, {"If-Match": f'"{app.revision}"'})
        except Problem as problem:
            if problem.status == 412:
                return await self._conflict(desk, await registry.one_app(desk), typed)
            if problem.status not in _SHOWN:
                raise
            return await self._client_page.refuse(desk, app, problem, typed)
        saved = app_of(told)
        whole = msgspec.structs.replace(saved, permissions=saved.permissions or app.permissions)
        if saved.client_secret is None:
            ready = app.lacks and not whole.lacks and whole.status == "active"
            return await self._client_page.back(desk, "ready" if ready else "saved")
        return await self._client_page.answer(desk, whole, Answer(secret=saved.client_secret))

    async def _conflict(self, desk: Desk, app: App, typed: Typed) -> web.Response:
        """412: both sides by side. Saving again is then a decision, over what is there now."""
        answer = Answer(status=412, typed=typed, differences=differences(app, typed))
        return await self._client_page.answer(desk, app, answer)


def _revision(form: Form) -> int:
    given = text(form, "revision")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _with_rows(typed: Typed, asked: str) -> Typed:
    """Without script, rows come and go by a round to us: ``add``, or the number of the one to remove."""
    kept = tuple(uri for place, uri in enumerate(typed.redirect_uris) if str(place) != asked)
    return msgspec.structs.replace(typed, redirect_uris=kept)
