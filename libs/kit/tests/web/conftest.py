"""A sample service with every kind of route."""

import asyncio
import contextlib
import hashlib
import io

import msgspec
import pytest
from aiohttp import web

from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.telemetry import facts
from latchkey_kit.web import routes
from latchkey_kit.web.bodies import answer, json_body, query
from latchkey_kit.web.problems import Problem
from latchkey_oauth.errors import OAuthError, invalid_grant


class Item(msgspec.Struct, frozen=True):
    name: str


class Body(msgspec.Struct, frozen=True):
    title: str
    items: tuple[Item, ...] = ()


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: int = 10


FAILURES = {
    "oauth": invalid_grant(),
    "problem": Problem(409, "conflict", "It was changed meanwhile.", "Read it again.", private="revision 3"),
    "peer": PeerUnavailable("/x: answered 500"),
    "bug": ValueError("canary-detail"),
    "redirect": web.HTTPFound("/elsewhere"),
    "unavailable": OAuthError("temporarily_unavailable", "Later.", 503, headers={"Retry-After": "2"}),
}


async def fail(request):
    raise FAILURES[request.match_info["how"]]


async def echo(request):
    return answer(await json_body(request, Body))


async def filtered(request):
    return answer(query(request, Filter))


async def known(request):
    about = facts.current()
    return answer({"request": about.request_id, "agent": about.agent, "address": about.address})


async def let_in(request):
    request[routes.CONNECTION] = "c" * 32
    return web.Response()


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"data")
    return response


async def error_page(request, problem):
    return web.Response(text=f"<h1>{problem.title}</h1>", status=problem.status, content_type="text/html")


async def is_guest(name, digest):
    return (name, digest) == ("partner", hashlib.sha256(b"a secret").hexdigest())


@contextlib.asynccontextmanager
async def running(settings, clock, entropy):
    yield Surface(
        public=(
            routes.oauth("GET", "/oauth/{how}", fail),
            routes.api("GET", "/v1/{how}", fail),
            routes.page("GET", "/page/{how}", fail),
            routes.api("POST", "/echo", echo, open_to_browsers=True),
            routes.oauth("POST", "/oauth-echo", echo),
            routes.api("GET", "/filtered", filtered),
            routes.api("GET", "/known", known),
            routes.api("GET", "/let-in", let_in),
            routes.api("GET", "/stream", stream, open_to_browsers=True),
        ),
        internal=(
            routes.asked("/internal/echo", echo, by=("auth",)),
            routes.asked("/internal/guests", echo, by=("auth",), guests=is_guest),
        ),
        error_page=error_page,
    )


DEFINITION = Definition(name="sample", settings=Common, running=running)


@pytest.fixture
async def served(serving_service):
    async with serving_service(DEFINITION) as served:
        yield served


@pytest.fixture
def ask(http, served):
    async def ask(method, path, **options):
        async with http.request(method, served.public_url + path, allow_redirects=False, **options) as response:
            return response, await response.text()

    return ask


@pytest.fixture
def post(http, served):
    async def post(body, **headers):
        headers = {"Content-Type": "application/json"} | headers
        async with http.post(served.public_url + "/echo", data=io.BytesIO(body), headers=headers) as response:
            return response, msgspec.json.decode(await response.read())

    return post


@pytest.fixture
def raw(served):
    async def raw(head, body=b""):
        reader, writer = await asyncio.open_connection(served.settings.host, served.settings.port)
        writer.write(head + b"\r\nConnection: close\r\n\r\n" + body)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        whole = await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        head, _, body = whole.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    return raw
