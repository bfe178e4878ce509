"""Profile: the apps that I connected, and where I am signed in."""

from latchkey_console.desk import AtDesk
from latchkey_console.parts import Parts
from latchkey_console.profile.applications import Applications
from latchkey_console.profile.sessions import Sessions
from latchkey_console.spoken import spoken
from latchkey_kit.web.routes import Route, page

_APPLICATIONS, _SESSIONS = "/profile/applications", "/profile/sessions"


def routes(parts: Parts) -> tuple[Route, ...]:
    """All of it is one's own: no right is needed."""
    applications, sessions = Applications(parts), Sessions(parts)

    def at(method: str, path: str, handler: AtDesk) -> Route:
        return page(method, path, parts.desks.signed_in(spoken(parts.pages, handler, swaps=True)))

    return (
        at("GET", _APPLICATIONS, applications.show),
        at("POST", f"{_APPLICATIONS}/disconnect", applications.disconnect),
        at("GET", _SESSIONS, sessions.show),
        at("POST", f"{_SESSIONS}/end", sessions.end),
        at("POST", f"{_SESSIONS}/end-others", sessions.end_others),
    )
