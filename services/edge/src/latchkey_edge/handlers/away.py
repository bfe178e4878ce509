"""`/away/{status}`: what the gateway says when it reaches nobody; a page for a browser, a problem for a program."""

from typing import Final

from aiohttp import hdrs, web
from markupsafe import Markup

from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import HEADERS, STYLE, Pages, source_of

_POLICY: Final = f"default-src 'none'; style-src {source_of(STYLE)}; base-uri 'none'; frame-ancestors 'none'"


class Away:
    """The gateway passes the headers of the request on that it could not serve."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def __call__(self, request: web.Request) -> web.Response:
        status = int(request.match_info["status"])
        if not request.headers.get(hdrs.ACCEPT, "").startswith("text/html"):
            usual = problems.unavailable()
            raise Problem(status, usual.code, usual.title, usual.detail, headers=usual.headers)
        template = "away_part.html" if "HX-Request" in request.headers else "away.html"
        style = Markup(STYLE)  # noqa: S704 - our own file
        return web.Response(
            status=status,
            text=self._pages.text(template, {"style": style}, lang=self._pages.language(request)),
            content_type="text/html",
            headers={**HEADERS, "Content-Security-Policy": _POLICY, "Retry-After": "1"},
        )
