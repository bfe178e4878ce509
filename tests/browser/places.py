"""Every page that there is, by who may see it; and the routes of the services that have pages."""

import importlib
import inspect
import re
from collections.abc import Iterator

from newcomers import MEMBER, READER
from tenants import Anything

from latchkey_console import routes as console
from latchkey_console.assets import Assets
from latchkey_console.desk import Desks
from latchkey_console.owners import Owners
from latchkey_console.pages import ConsolePages
from latchkey_console.parts import Parts
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy
from latchkey_kit.web.routes import Family, Route
from latchkey_look.cookies import Cookies

ADMIN, REP, STAFF = "carly@acme.test", "sam@acme.test", "staff@latchkey.test"
EVERYBODY = {ADMIN, REP, STAFF, MEMBER.email, READER.email}
PLACES: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = tuple(
    (frozenset(who), paths)
    for who, paths in (
        (EVERYBODY, ("/profile/applications", "/profile/sessions", "/password/change", "/docs", "/login")),
        (
            {ADMIN, READER.email},
            (
                "/apps", "/apps?kind=oauth-clients", "/apps?q=nothing+has+this+name", "/apps/new",
                "/apps/new/oauth-client", "/apps/{client}", "/apps/{client}?tab=permissions",
                "/apps/{client}/connections", "/apps/{client}/connections?ended=1", "/roles", "/roles/new",
                "/roles/{role}", "/roles/teams",
            ),
        ),
        (
            {ADMIN},
            (
                "/apps/{client}/audit", "/apps/{client}/audit/{event}", "/audit", "/audit?q=nothing+has+this+word",
                "/audit/{event}", "/roles/teams/{team}", "/members", "/members/{member}",
            ),
        ),
        (
            {STAFF},
            (
                "/staff", "/staff?q=nothing-has-this-name", "/staff/requests", "/staff/apps", "/staff/apps?q=demo",
                "/staff/apps?q=nothing+has+this+name", "/staff/apps/{client}", "/staff/password-link",
            ),
        ),
    )
)  # fmt: skip
FOR_STRANGERS = {
    "/login": 200, "/login?said=password_set": 200, "/oauth/authorize?{request}": 200,
    "/oauth/authorize?client_id=nobody": 400, "/oauth/authorize?{foreign}": 400, "/docs": 200, "/docs/api": 200,
    "/docs/api/connections": 200, "/docs/api/nothing": 404, "/password": 200, "/password/of-no-link": 404,
    "/invitation/of-nobody": 404, "/invitation/no/where": 404, "/logout": 405, "/docs/no/where": 404, "/no/where": 404,
}  # fmt: skip
"""What is there for somebody who has not signed in, with its status."""
NO_PAGES = {
    "/assets/{digest}/{name}": "a file", "/favicon.ico": "a file", "/openapi.json": "a file",
    "/asyncapi.json": "a file", "/postman.json": "a file", "/audit/export": "a file",
    "/apps/{client_id}/audit/export": "a file", "/audit/news": "a part of a page",
    "/apps/{client_id}/audit/news": "a part of a page", "/apps/redirect-url": "a part of a page",
    "/": "leads on",
    "/apps/{client}/{form:(?:secrets|regenerate|logo|disable|enable|delete|publish)(?:/.*)?}": "leads on",
}  # fmt: skip
"""Routes that answer GET with something else, and with what."""


def walked() -> Iterator[str]:
    for _, paths in PLACES:
        yield from paths
    yield from FOR_STRANGERS


def page_routes() -> dict[str, list[str]]:
    """Paths of the routes by which browsers are shown something, in the order in which they are tried, by service."""
    auth = importlib.import_module("latchkey_auth.routes").public
    made = auth(*map(Anything, inspect.signature(auth).parameters))
    return {"auth": _shown(made), "console": _shown(console.public(_parts("http://localhost")))}


def route_of(path: str, routes: dict[str, list[str]]) -> str:
    """Which route answers a path; auth has those that the gateway gives it, the console all others."""
    path = re.sub("{.*?}", "x", path.partition("?")[0])
    is_auths = re.match("/(oauth/authorize|login|logout|invitation|password)(/|$)", path)
    for route in routes["auth" if is_auths else "console"]:
        if re.fullmatch(re.sub(r"{\w+:((?:[^{}]|{.*?})*)}", r"(?:\1)", re.sub(r"{\w+}", "[^/]+", route)), path):
            return route
    raise AssertionError(f"no route has {path}")


def _shown(routes: tuple[Route, ...]) -> list[str]:
    return list(dict.fromkeys(one.path for one in routes if one.family is Family.PAGE and one.method in {"GET", "*"}))


def _parts(origin: str) -> Parts:
    assets = Assets()
    pages = ConsolePages(assets, pseudo=False)
    desks = Desks(Owners({}), Cookies(origin), pages, origin)
    return Parts(assets=assets, desks=desks, pages=pages, origin=origin, clock=SystemClock(), entropy=SystemEntropy())
