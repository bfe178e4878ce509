"""`/apps/{client}`: one page with tabs, of which General and Permissions are one form."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Literal
from urllib.parse import quote

import msgspec
from aiohttp import web

from latchkey_console import forms
from latchkey_console.apps import panels, quick_start, registry
from latchkey_console.apps.edits import Difference, Typed, changes, typed_as_is
from latchkey_console.apps.said import saying
from latchkey_console.apps.terms import NAMES as TERMS
from latchkey_console.apps.terms import terms_as_is
from latchkey_console.apps.views import App
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_contracts.api import Api
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import HEADERS, see_other

Tab = Literal["general", "permissions", "connections", "audit"]
TABS: Final[tuple[Tab, ...]] = ("general", "permissions", "connections", "audit")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How the page differs from the one that anybody would get now.

    ``typed`` and ``note`` (for reviewers) are what could not be saved, ``revision`` the one that it was typed over,
    ``secret`` a new one that is shown this once, ``differences`` what somebody else changed meanwhile, ``rows`` how
    many empty rows to add, ``said`` a code of what was done, ``new`` says that the client was made by this request.
    """

    status: int = 200
    typed: Typed | None = None
    revision: int | None = None
    secret: str | None = None
    problem: Problem | None = None
    differences: Sequence[Difference] = ()
    rows: int = 0
    note: str = ""
    said: str = ""
    new: bool = False


class ClientPage:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages
        self._api = Api(parts.origin)
        self._workspace_origin = parts.desks.origin

    async def show(self, desk: Desk) -> web.Response:
        return await self.answer(desk, await registry.one_app(desk))

    async def lead(self, desk: Desk) -> web.Response:
        """From the address of one of its forms to the page."""
        return see_other(f"/apps/{quote(desk.request.match_info['client'], safe='')}")

    async def answer(self, desk: Desk, app: App, answer: Answer | None = None) -> web.Response:
        """The page of a client; the parts that htmx does not ask for are left to it."""
        differs = answer or Answer()
        typed = differs.typed or typed_as_is(app)
        around, panel = await asyncio.gather(
            registry.around(desk, app), panels.permission_values(desk, app, typed.permissions, differs.problem)
        )
        errors = _by_field(differs.problem)
        tab, may_read_log = _uncovered(errors, await tab_of(desk)), desk.may("auditlog", "view")
        usual = terms_as_is(app)
        shown = typed.terms or usual
        values = {
            "app": app,
            "typed": typed,
            "terms": shown,
            "terms_open": not TERMS.isdisjoint(errors) or shown.values != usual.values,
            "answer": differs,
            "errors": errors,
            "changed": len(changes(app, typed)) + (1 if differs.rows else 0),
            "around": around,
            "revision": app.revision if differs.revision is None else differs.revision,
            "tab": "general" if tab == "audit" and not may_read_log else tab,
            "may_edit": desk.may("oauthclient", "update"),
            "may_read_log": may_read_log,
            "may_remove": desk.may("oauthclient", "remove"),
            "start": quick_start.of(app, self._api, self._workspace_origin),
            "said": saying(self._pages, desk, differs.said or desk.request.query.get("said", "")),
            **panel,
        }
        return self._pages.page("apps/client.html", desk, values, differs.status)

    async def refuse(
        self, desk: Desk, app: App, problem: Problem, typed: Typed | None = None, *, note: str = ""
    ) -> web.Response:
        """The page with the owner's no: beside the fields that it names, else above."""
        answer = Answer(status=problem.status, problem=problem, typed=typed, note=note)
        return await self.answer(desk, app, answer)

    async def back(self, desk: Desk, said: str) -> web.Response:
        """To the page as it is now, on the tab that was open."""
        where = f"/apps/{desk.request.match_info['client']}?tab={await tab_of(desk)}&said={said}"
        if desk.is_partial:
            return web.Response(headers={**HEADERS, "HX-Redirect": where})
        return see_other(where)


def still_stale(before: App, typed_over: str) -> int | None:
    """The revision that the form in the browser goes on with, after something that moves it and is no part of the form.

    ``None`` is the new one. A form that was behind already stays behind: it is to see what somebody else changed.
    """
    if typed_over in {"", str(before.revision)} or not typed_over.isascii() or not typed_over.isdigit():
        return None
    return int(typed_over[:18])


async def tab_of(desk: Desk) -> Tab:
    given = await forms.read(desk.request) if desk.request.method == "POST" else desk.request.query
    wanted = given.get("tab")
    return next((tab for tab in TABS if tab == wanted), "general")


def _uncovered(errors: Mapping[str, str], tab: Tab) -> Tab:
    """The tab on which something is wrong, if that is another one."""
    if not errors or tab not in {"general", "permissions"}:
        return tab
    return "permissions" if all(name.startswith("permissions") for name in errors) else "general"


def _by_field(problem: Problem | None) -> Mapping[str, str]:
    """Messages by the name of the field, such as ``name`` and ``redirect_uris/1``."""
    errors = problem.errors if problem else ()
    return {error.pointer.removeprefix("/"): error.message for error in errors}
