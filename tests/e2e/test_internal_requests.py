"""Internal requests from the outside: every route of every service, asked by those who may and by those who may not."""

import importlib
import inspect
import re

import aiohttp
import pytest
from keepers import SERVICES, passwords

from latchkey_contracts.feed import PULL_PATH
from latchkey_kit.web.routes import Family, Route
from latchkey_oauth.metadata import JWKS_PATH

FOR_EVERYBODY = (PULL_PATH, JWKS_PATH)  # every service checks tokens


class Anything:
    """Stands in for every handler: routes are only looked at."""

    def __getattr__(self, name):
        return self

    def __iter__(self):
        return iter(())


def routes_of(service: str) -> list[tuple[str, Route]]:
    """(process, route) of all routes, from the module where the service has them all."""
    module = importlib.import_module(f"latchkey_{service.replace('-', '_')}.routes")
    found = []
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            made = function(**dict.fromkeys(inspect.signature(function).parameters, Anything()))
            process = name if name == "heads" else service
            found += [(process, route) for route in made]
    return found


EVERY = [pair for service in SERVICES if service != "console" for pair in routes_of(service)]
INTERNAL = [pair for pair in EVERY if pair[1].family is Family.INTERNAL]
PUBLIC = {route.path for _, route in EVERY if route.family is not Family.INTERNAL and route.path.count("/") > 1}
everywhere = pytest.mark.parametrize(
    ("process", "route"), INTERNAL, ids=[f"{process} {route.method} {route.path}" for process, route in INTERNAL]
)


def is_public(path: str) -> bool:
    """Whether it is, or lies below, what the public may ask for: to everybody, or with a credential of one's own."""
    return any(path == one or path.startswith(f"{one}/") for one in PUBLIC)


def filled(path: str) -> str:
    return re.sub(r"{\w+}", "0" * 32, path)


@pytest.fixture
def ask(house):
    """Status and `code` of an answer; a request without credential unless one is given."""

    async def ask(base, route, name=None, secret="", **headers):
        basic = {"Authorization": aiohttp.encode_basic_auth(name, secret)} if name is not None else {}
        given = {"Content-Type": "application/json"} | basic | headers
        async with house.http.request(route.method, base + filled(route.path), data=b"{}", headers=given) as response:
            body = await response.json() if response.content_type.endswith("json") else {}
            return response.status, body.get("code")

    return ask


@pytest.fixture
def inside(house):
    return lambda process: f"http://127.0.0.1:{house.stack['ports'][f'{process}-internal']}"


@pytest.fixture
def secrets(stack) -> dict[str, str]:
    """Credentials of all callers."""
    known = passwords(stack)
    return {name.removeprefix("internal/"): value for name, value in known.items() if name.startswith("internal/")}


def test_the_table_is_whole(secrets):
    assert {process for process, _ in INTERNAL} >= {"auth", "token", "client-registry", "permissions", "records"}
    assert len(INTERNAL) >= 20
    for _, route in INTERNAL:
        assert route.callers, f"{route.path}: nobody may ask"
        assert route.callers <= secrets.keys(), f"{route.path}: somebody may ask who does not exist"
        assert route.callers != secrets.keys() or route.path in FOR_EVERYBODY, f"{route.path}: everybody may ask"


@everywhere
async def test_without_a_credential_that_is_known_nobody_is_heard(ask, inside, secrets, process, route):
    base, allowed = inside(process), min(route.callers)
    other = next(name for name in secrets if name != allowed)
    nobody = (401, "unknown_caller")
    assert await ask(base, route) == nobody
    assert await ask(base, route, "stranger", "pw_" + "0" * 48) == nobody
    assert await ask(base, route, allowed, "") == nobody
    assert await ask(base, route, allowed, secrets[allowed][:-1]) == nobody
    assert await ask(base, route, allowed, secrets[other]) == nobody, "a credential is one caller's"
    assert await ask(base, route, "", secrets[allowed]) == nobody
    assert await ask(base, route, Authorization=f"Bearer {secrets[allowed]}") == nobody


@everywhere
async def test_only_the_callers_of_a_route_are_heard(ask, inside, secrets, process, route):
    base = inside(process)
    for name, secret in secrets.items():
        status, code = await ask(base, route, name, secret)
        if name in route.callers:
            # The console is heard and still has to say for whom it asks.
            assert status not in (401, 403, 404, 405) or code == "assertion_refused", (name, status, code)
            assert status < 500
        else:
            assert (status, code) == (403, "caller_not_allowed"), name


@everywhere
async def test_outside_there_is_no_such_route(house, ask, secrets, process, route):
    """Not even for a caller that may ask inside."""
    allowed = min(route.callers)
    ports = house.stack["ports"]
    doors = {name: f"http://127.0.0.1:{ports[name]}" for name in (process, f"{process}-admin") if name in ports}
    if process == "heads":
        del doors["heads"]  # it has nothing to show to the public, so it does not even listen
    for name, base in (doors | {"gateway": house.origin}).items():
        if is_public(route.path) and not name.endswith("-admin"):
            continue
        for credential in ((), (allowed, secrets[allowed])):
            assert (await ask(base, route, *credential))[0] == 404, name


async def test_health_and_metrics_are_not_behind_the_gateway(house):
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await house.ask("GET", path))[0] == 404
    asked_inside = {f"{process}-internal" for process, _ in INTERNAL}  # a port without routes is not opened
    for port in {*SERVICES, *asked_inside}:
        for path in ("/livez", "/readyz", "/metrics"):
            async with house.http.get(f"http://127.0.0.1:{house.stack['ports'][port]}{path}") as response:
                assert response.status == 404, port
