"""Audit: what happened in a workspace, all of it or what is about one app."""

from latchkey_console.audit.detail import Detail
from latchkey_console.audit.events import Events
from latchkey_console.audit.export import Export
from latchkey_console.audit.news import News
from latchkey_console.desk import AtDesk, Section
from latchkey_console.parts import Parts
from latchkey_console.spoken import spoken
from latchkey_kit.web.routes import Route, page

_ALL, _OF_APP = "/audit", "/apps/{client_id}/audit"


def routes(parts: Parts) -> tuple[Route, ...]:
    """Whoever has the App Center sees there what is about an app; the right to the log is asked for in either place."""
    return (*_under(_ALL, "audit", parts), *_under(_OF_APP, "app_center", parts))


def _under(base: str, section: Section, parts: Parts) -> tuple[Route, ...]:
    def at(path: str, handler: AtDesk) -> Route:
        return page(
            "GET", f"{base}{path}", parts.desks.signed_in(spoken(parts.pages, handler, lacking="audit"), section)
        )

    return (
        at("", Events(parts).show),
        at("/news", News(parts).show),
        at("/export", Export(parts).show),
        at("/{event_id}", Detail(parts).show),
    )
