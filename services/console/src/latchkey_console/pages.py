"""The console's pages: one look, strict headers, script of ours only."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from latchkey_console.assets import Assets
from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Problem
from latchkey_look import pages as look
from latchkey_look.readable import printable
from latchkey_look.words import USUAL, kind

if TYPE_CHECKING:
    from latchkey_console.desk import Desk

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class ConsolePages:
    """``pseudo``: the pseudo-locale may be asked for."""

    def __init__(self, assets: Assets, *, pseudo: bool) -> None:
        self._looks = look.Pages("latchkey_console", pseudo=pseudo)
        self._assets = assets

    def language(self, request: web.Request) -> str:
        return self._looks.language(request)

    def words(self, desk: "Desk", message: str) -> str:
        """A message that stands outside of templates, in the reader's language."""
        return self._looks.words(message, lang=desk.lang)

    def page(
        self,
        template: str,
        desk: "Desk | None",
        values: Mapping[str, object],
        status: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
        lang: str = USUAL,
    ) -> web.Response:
        """Render a page, or a part of one: a template that does not extend ``base.html`` is sent as it is.

        Templates see ``desk`` (``None`` for a stranger), ``asset`` (name → path) and the given values. ``lang`` is for
        strangers.
        """
        lang = desk.lang if desk else lang
        shown = {"desk": desk, "asset": self._assets.path, **values}
        return web.Response(
            status=status,
            text=self._looks.text(template, shown, lang=lang),
            content_type="text/html",
            headers={**look.HEADERS, "Content-Security-Policy": _POLICY, **(headers or {})},
        )

    async def error(self, request: web.Request, problem: Problem) -> web.Response:
        """The page for whatever went wrong; ``ErrorPage`` of the kit."""
        lang = self.language(request)
        say = functools.partial(self._looks.words, lang=lang)
        values = {
            "kind": say(kind(problem.status)),
            "title": say(problem.title),
            "detail": say(problem.detail) if problem.detail else "",
            "request_id": facts.current().request_id,
            "again": printable(request.path_qs) if request.method == "GET" and problem.status >= 500 else None,
        }
        return self.page("error.html", None, values, problem.status, headers=problem.headers, lang=lang)
