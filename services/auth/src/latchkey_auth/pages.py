"""Rendering: one look, strict headers, no script."""

from collections.abc import Mapping
from importlib.resources import files

from aiohttp import web
from markupsafe import Markup

import latchkey_look.pages
from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import ROUTE
from latchkey_look.pages import HEADERS, source_of
from latchkey_look.readable import printable
from latchkey_look.words import USUAL, kind

_STYLE = latchkey_look.pages.STYLE + (files("latchkey_auth") / "templates" / "auth.css").read_text(encoding="utf-8")
_POLICY = f"default-src 'none'; style-src {source_of(_STYLE)}; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Pages:
    """Templates of this package; a page is one answer, with its style in it, and needs nothing but an app's logo.

    ``pseudo``: the pseudo-locale may be asked for.
    """

    def __init__(self, *, pseudo: bool = False) -> None:
        self._looks = latchkey_look.pages.Pages("latchkey_auth", pseudo=pseudo)

    def language(self, request: web.Request) -> str:
        return self._looks.language(request)

    def words(self, message: str, *, lang: str = USUAL) -> str:
        """A message that stands outside of templates, in the reader's language."""
        return self._looks.words(message, lang=lang)

    def page(
        self,
        template: str,
        values: Mapping[str, object],
        status: int = 200,
        *,
        lang: str = USUAL,
        leads_away: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Render a page. ``leads_away``: sending its form may end in a redirect to a client's site.

        Chromium holds ``form-action`` against such redirects too, even for an app's own scheme behind the client's
        site, and Authorize would then do nothing; so these pages leave it out. Nothing on them can be injected that
        it would stop: there is no script, and every value is escaped.
        """
        policy = _POLICY if leads_away else f"{_POLICY}; form-action 'self'"
        styled = {"style": Markup(_STYLE), **values}  # noqa: S704 - our own files
        return web.Response(
            status=status,
            text=self._looks.text(template, styled, lang=lang),
            content_type="text/html",
            headers={**HEADERS, "Content-Language": lang, "Content-Security-Policy": policy, **(headers or {})},
        )

    async def error(self, request: web.Request, problem: Problem) -> web.Response:
        """The page for whatever went wrong; ``ErrorPage`` of the kit."""
        lang = self.language(request)
        again = printable(request.path_qs) if _may_help(request, problem) else None
        values = {
            "kind": self.words(kind(problem.status), lang=lang),
            "title": self.words(problem.title, lang=lang),
            "detail": self.words(problem.detail, lang=lang) if problem.detail else "",
            "values": [one.message for one in problem.errors],
            "request_id": facts.current().request_id,
            "again": again,
            "to_start": again is None and request.path != "/oauth/authorize",
        }
        return self.page("error.html", values, problem.status, lang=lang, headers=problem.headers)


def _may_help(request: web.Request, problem: Problem) -> bool:
    """Whether asking for the same page again, by GET, may end better."""
    if request.get(ROUTE) is None:
        return False
    if request.method == "POST":
        return request.path == "/oauth/authorize" and (problem.status in {403, 409} or problem.status >= 500)
    return problem.status >= 500
