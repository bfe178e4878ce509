"""Rendering: templates escaped by default, words in the reader's language, strict headers."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

import jinja2
from aiohttp import web

from latchkey_look import moments, words
from latchkey_look.readable import readable

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""For every answer to a browser. There is no Cross-Origin-Opener-Policy: it would cut a popup off from the app that
opened it, and apps that authorize in a popup wait there for the result."""
STYLE: Final = (files("latchkey_look") / "templates" / "look.css").read_text(encoding="utf-8")
"""What every page looks like."""


class Pages:
    """Templates of a package, and of this one. ``pseudo``: `words.PSEUDO` may be asked for.

    A template has ``_``, ``ngettext`` and ``{% trans %}`` for every word of ours, and the filters ``readable`` (for
    what others wrote), ``moment``, ``day`` and ``machine`` (for times). ``lang`` is the page's language.
    """

    def __init__(
        self, package: str, *, pseudo: bool = False, filters: Mapping[str, Callable[..., Any]] | None = None
    ) -> None:
        self._languages = words.known(pseudo=pseudo)
        self._environments = {
            language: _environment(package, catalogue, filters or {}) for language, catalogue in self._languages.items()
        }

    def language(self, request: web.Request) -> str:
        return words.preferred(request.headers.get("Accept-Language", ""), self._languages)

    def text(self, template: str, values: Mapping[str, object], *, lang: str = words.USUAL) -> str:
        """Render a template to text."""
        return self._environments[lang].get_template(template).render({"lang": lang, **values})

    def words(self, message: str, *, lang: str = words.USUAL) -> str:
        """A message that stands outside of templates, in the reader's language."""
        return self._languages[lang].gettext(message)


def _environment(package: str, catalogue: Any, filters: Mapping[str, Callable[..., Any]]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package), jinja2.PackageLoader("latchkey_look")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters |= {
        "readable": readable,
        "moment": moments.moment,
        "day": moments.day,
        "machine": moments.machine,
    }
    environment.filters |= dict(filters)
    return environment


def source_of(style: str) -> str:
    """What a Content-Security-Policy allows a ``<style>`` with this in it by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def see_other(location: str) -> web.Response:
    """303: whatever the request was, the next one is a GET (RFC 9700 §4.12). The address goes out byte for byte."""
    return web.Response(status=303, headers={**HEADERS, "Location": location})
