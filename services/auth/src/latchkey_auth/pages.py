"""Rendering: one look, strict headers, no script."""

import base64
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files

import jinja2
from aiohttp import web
from markupsafe import Markup

from latchkey_auth.domain.forms import printable
from latchkey_auth.domain.readable import readable
from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import ROUTE

_STYLE = (files("latchkey_auth") / "templates" / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""For every answer to a browser. There is no Cross-Origin-Opener-Policy: it would cut a popup off from the app that
opened it, and apps that authorize in a popup wait there for the result."""


class Pages:
    """Templates of this package, escaped by default."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("latchkey_auth"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["readable"] = readable
        self._templates.globals["style"] = Markup(_STYLE)  # noqa: S704 - our own file

    def page(
        self,
        template: str,
        values: Mapping[str, object],
        status: int = 200,
        *,
        leads_away: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """Render a page. ``leads_away``: sending its form may end in a redirect to a client's site.

        Chromium holds ``form-action`` against such redirects too, even for an app's own scheme behind the client's
        site, and Authorize would then do nothing; so these pages leave it out. Nothing on them can be injected that
        it would stop: there is no script, and every value is escaped.
        """
        policy = _POLICY if leads_away else f"{_POLICY}; form-action 'self'"
        return web.Response(
            status=status,
            text=self._templates.get_template(template).render(values),
            content_type="text/html",
            headers={**HEADERS, "Content-Security-Policy": policy, **(headers or {})},
        )

    async def error(self, request: web.Request, problem: Problem) -> web.Response:
        """The page for whatever went wrong; ``ErrorPage`` of the kit."""
        values = {
            "kind": HTTPStatus(problem.status).phrase,
            "problem": problem,
            "request_id": facts.current().request_id,
            "again": printable(request.path_qs) if _may_help(request, problem) else None,
        }
        return self.page("error.html", values, problem.status, headers=problem.headers)


def _may_help(request: web.Request, problem: Problem) -> bool:
    """Whether asking for the same page again, by GET, may end better."""
    if request.get(ROUTE) is None:
        return False
    if request.method == "POST":
        return request.path == "/oauth/authorize" and (problem.status in {403, 409} or problem.status >= 500)
    return problem.status >= 500


def see_other(location: str) -> web.Response:
    """303: whatever the request was, the next one is a GET (RFC 9700 §4.12). The address goes out byte for byte."""
    return web.Response(status=303, headers={**HEADERS, "Location": location})
