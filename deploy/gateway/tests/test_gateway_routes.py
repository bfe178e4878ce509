"""Which request reaches which service, with which headers, and what the edge may stop."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from latchkey_embedded import free_port
from latchkey_local import gateway
from latchkey_local.addresses import Addresses
from latchkey_local.home import Home
from latchkey_local.services import SERVICES, instances

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ALIVE = {"Authorization": "Bearer alive"}
ROUTES = {
    "auth": ["/oauth/authorize", "/login", "/logout", "/invitation", "/password", "/v1/members"],
    "token": [
        "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/jwks",
        "/.well-known/oauth-authorization-server", "/v1/connections",
    ],
    "client-registry": ["/v1/oauth-clients", "/logos"],
    "permissions": ["/v1/catalogue", "/v1/roles", "/v1/teams", "/v1/portfolios", "/v1/why"],
    "audit": [
        "/v1/audit-events", "/v1/audit-consumers", "/v1/audit-checkpoints", "/v1/audit-checkpoints/keys",
    ],
    "records": [
        "/v1/companies", "/v1/endusers", "/v1/conversations", "/v1/tasks", "/v1/assets",
        "/.well-known/oauth-protected-resource/v1",
    ],
    "console": [
        "/", "/apps", "/profile", "/audit", "/roles", "/members", "/staff", "/docs", "/assets", "/workspace",
        "/favicon.ico", "/openapi.json", "/asyncapi.json", "/postman.json",
    ],
    "mcp": [
        "/v1/mcp", "/.well-known/oauth-protected-resource/v1/mcp", "/.well-known/oauth-protected-resource",
    ],
}  # fmt: skip
OPEN = {path for paths in ROUTES.values() for path in paths if not path.startswith("/v1/")} | {
    "/v1/catalogue", "/v1/audit-checkpoints/keys",
}  # fmt: skip


def echo(name: str) -> web.Application:
    """A service that answers with what it got."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/mcp/stream":
            stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await stream.prepare(request)
            await stream.write(b"data: first\n\n")
            await asyncio.Event().wait()
        if request.path.startswith("/away/"):
            return web.json_response({"service": name, "path": request.path, "headers": dict(request.headers)})
        if name == "edge" and request.path != "/check":
            return web.json_response({"status": 404}, status=404, content_type="application/problem+json")
        if name == "edge":
            return edge_says(request)
        return web.json_response({"service": name, "path": request.path_qs, "headers": dict(request.headers)})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


def edge_says(request: web.Request) -> web.Response:
    match request.headers.get("Authorization"):
        case "Bearer alive":
            return web.Response(headers={"X-Latchkey-Seen": request.headers["X-Forwarded-Uri"]})
        case "Bearer late":
            return web.json_response({}, status=503, headers={"Retry-After": "1"})
        case _:
            return web.json_response({}, status=401, headers={"WWW-Authenticate": 'Bearer scope="inclusive"'})


@pytest.fixture
def gone() -> set[str]:
    """Services that do not run: a test names them before it asks for anything else."""
    return set()


@pytest.fixture
async def origin(tmp_path, gone) -> AsyncIterator[str]:
    places = {service.name: _place() for service in SERVICES}
    ports = {name: place.getsockname()[1] for name, place in places.items()}
    runners = []
    for name in places.keys() - gone:
        runner = web.AppRunner(echo(name), shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        await web.SockSite(runner, places[name]).start()
        runners.append(runner)
    addresses = Addresses(free_port(), ports | {"gateway-ping": free_port()}, instances(""))
    traefik = gateway.server(Home(tmp_path), addresses)
    await traefik.start()
    yield addresses.origin
    await traefik.stop()
    for runner in runners:
        await runner.cleanup()
    for name in gone:
        places[name].close()


def _place() -> socket.socket:
    """A port of one's own. Until somebody listens, whoever connects is refused, and nobody else gets it."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place


@pytest.fixture
async def http(origin) -> AsyncIterator[ClientSession]:
    async with ClientSession(origin) as session:
        yield session


async def test_every_path_reaches_its_service_and_keeps_its_query(http):
    for service, paths in ROUTES.items():
        for path in paths:
            answer = await (await http.get(f"{path}?code=1&state=a%20b", headers=ALIVE)).json()
            assert (answer["service"], answer["path"]) == (service, f"{path}?code=1&state=a%20b")


async def test_what_lies_below_a_path_goes_with_it_and_what_only_begins_like_it_does_not(http):
    for path in ("/v1/companies/abc", "/v1/mcp/x", "/login/tenant", "/v1/catalogue/records"):
        assert (await http.get(path, headers=ALIVE)).status == 200, path
    for path in (
        "/v1/companiesabc",
        "/v1",
        "/v1/rolesabc",
        "/loginx",
        "/check",
        "/oauth/introspected",
        "/appsx",
        "/readyz",
    ):
        answer = await http.get(path, headers=ALIVE)
        assert (answer.status, answer.content_type) == (404, "application/problem+json"), path


async def test_an_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_program(http):
    for path in ("/no/where", "/appsx", "/oauth/introspected", "/v1x", "/check", "/readyz", "/away/502"):
        for method in ("GET", "HEAD", "POST"):
            answer = await http.request(method, path, headers=BROWSER)
            assert answer.status == 200, path
            if method != "HEAD":
                said = await answer.json()
                assert (said["service"], said["path"]) == ("console", path)
        for accept in ("*/*", "application/json", "application/json, text/html;q=0.9", ""):
            answer = await http.get(path, headers={"Accept": accept})
            assert (answer.status, answer.content_type) == (404, "application/problem+json"), path
    for path in ("/v1", "/v1/no/where", "/.well-known/no/where", "/mcp", "/mcp/x"):
        answer = await http.get(path, headers=BROWSER)
        assert (answer.status, answer.content_type) == (404, "application/problem+json"), path


@pytest.mark.parametrize("gone", [{"console", "auth", "records"}])
async def test_what_does_not_run_is_told_of_by_the_edge_on_pages_only(http):
    for path in ("/", "/apps/x?tab=y", "/login", "/oauth/authorize?code=x", "/no/where", "/assets/x/console.css"):
        answer = await http.get(path, headers=BROWSER)
        said = await answer.json()
        assert (answer.status, said["service"], said["path"]) == (502, "edge", "/away/502"), path
        assert said["headers"]["Accept"] == BROWSER["Accept"]
    answer = await http.get("/v1/companies", headers=BROWSER | ALIVE)
    assert (answer.status, await answer.text()) == (502, "Bad Gateway")


async def test_no_trick_of_spelling_gets_past_the_edge(http, origin):
    tricks = (
        "/v1/companies/../companies", "//v1/companies", "/v1/./companies", "/login/../v1/companies", "/v1/%63ompanies",
        "/login/..%2fv1/companies", "/v1/catalogue/../companies", "/v1/catalogue/%2e%2e/companies", "/V1/companies",
    )  # fmt: skip
    for path in tricks:
        answer = await http.get(URL(origin + path, encoded=True))
        assert answer.status in {400, 401, 404}, path


async def test_the_edge_is_asked_for_every_api_and_its_no_comes_back_whole(http):
    for paths in ROUTES.values():
        for path in paths:
            answer = await http.get(path)
            if path in OPEN:
                assert answer.status == 200, path
            else:
                assert answer.status == 401, path
                assert answer.headers["WWW-Authenticate"] == 'Bearer scope="inclusive"'
    late = await http.get("/v1/companies", headers={"Authorization": "Bearer late"})
    assert (late.status, late.headers["Retry-After"]) == (503, "1")


async def test_nobody_tells_a_service_who_they_are_by_a_header(http):
    names = (
        "X-Latchkey-User", "X-Latchkey-Tenant", "X-Forwarded-User", "X-Auth-Request-User", "X-User", "X-Tenant",
        "X-Client-Id", "X-Remote-User", "Forwarded", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method", "X_User", "X_Latchkey_User",
    )  # fmt: skip
    forged = dict.fromkeys(names, "forged")
    for path in ("/login", "/v1/companies", "/v1/catalogue"):
        answer = await (await http.get(path, headers=forged | ALIVE)).json()
        assert "forged" not in answer["headers"].values(), path
    anything = {"X-Latchkey-Whatever": "forged"}
    answer = await (await http.get("/v1/companies", headers=anything | ALIVE)).json()
    assert "X-Latchkey-Whatever" not in answer["headers"]
    assert answer["headers"]["X-Latchkey-Seen"] == "/v1/companies"
    assert answer["headers"]["Authorization"] == "Bearer alive", "services verify the token themselves"


async def test_a_stream_is_passed_on_as_it_comes(http):
    async with http.get("/v1/mcp/stream", headers=ALIVE) as answer:
        assert await asyncio.wait_for(answer.content.readline(), 20) == b"data: first\n"


async def test_its_configuration_gives_no_cause_to_warn(http, tmp_path):
    assert (await http.get("/login")).status == 200
    assert '"level":"warn"' not in Home(tmp_path).log("gateway").read_text()


async def test_codes_in_queries_never_reach_its_log(http, tmp_path):
    await http.get("/oauth/authorize?code=lk_ac_secret")
    await http.get("/v1/companies?code=lk_ac_secret")
    assert "lk_ac_secret" not in Home(tmp_path).log("gateway").read_text()
