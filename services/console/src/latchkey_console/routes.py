"""Path → handler, room by room."""

from aiohttp import web

from latchkey_console import apps, audit, people, profile, reference, staff
from latchkey_console.home import Home
from latchkey_console.parts import Parts
from latchkey_kit.marking import N_
from latchkey_kit.web.problems import not_found
from latchkey_kit.web.routes import Route, page


def public(parts: Parts) -> tuple[Route, ...]:
    home = Home(parts)
    return (
        page("GET", "/assets/{digest}/{name}", parts.assets.serve),
        page("GET", "/favicon.ico", parts.assets.icon),
        page("GET", "/", parts.desks.signed_in(home.show)),
        page("POST", "/workspace", parts.desks.signed_in(home.choose)),
        *apps.routes(parts),
        *profile.routes(parts),
        *audit.routes(parts),
        *people.routes(parts),
        *staff.routes(parts),
        *reference.routes(parts),
        page("*", "/{elsewhere:.*}", _nothing),
    )


async def _nothing(_request: web.Request) -> web.Response:
    raise not_found(N_("This address has no page."))
