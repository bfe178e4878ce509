"""A whole aiohttp application behind the door, over real HTTP."""

import asyncio
import contextlib
import json

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_kit.testing import eventually
from latchkey_verify.aiohttp import BEARER, GUARD, protect

CHALLENGE = (
    'Bearer resource_metadata="https://api.latchkey.test/.well-known/oauth-protected-resource/v1", scope="inclusive"'
)


class Api:
    """Handlers of an application that knows nothing of tokens. ``cancelled`` counts handlers that were cut off."""

    def __init__(self):
        self.at_work = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = 0
        self.die = None

    def app(self):
        app = web.Application()
        app.router.add_get("/at-the-last-moment", self.at_the_last_moment)
        app.router.add_get("/whoami", self.whoami)
        app.router.add_get("/open", self.whoami)
        app.router.add_get("/companies", self.companies)
        app.router.add_route("*", "/slow", self.slow)
        app.router.add_route("*", "/stream", self.stream)
        return app

    async def whoami(self, request):
        bearer = request.get(BEARER)
        return web.json_response({"tenant": bearer.tenant if bearer else None})

    async def companies(self, request):
        await request[GUARD].require(request[BEARER], "company", "remove")
        return web.json_response([])

    async def at_the_last_moment(self, request):
        self.die()
        return web.json_response({"secret": True})

    async def slow(self, request):
        self.at_work.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return web.json_response({"done": True})

    async def stream(self, request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await self.slow(request)
        await response.write(b"last")
        return response


@pytest.fixture
def api():
    return Api()


@pytest.fixture
async def url(verifier, setting, api):
    app = api.app()
    protect(app, contextlib.nullcontext(verifier), setting.api, scope="inclusive", open_to_all=["/open"])
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


@pytest.fixture
def send(url, http, setting):
    good = setting.issuer.mint()

    @contextlib.asynccontextmanager
    async def send(path, method="GET", token=good):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with http.request(method, url + path, headers=headers) as answer:
            yield answer

    return send


async def problem(answer):
    assert answer.content_type == "application/problem+json"
    return answer.status, json.loads(await answer.read())["code"]


async def test_good_bearer_is_handed_on(send):
    async with send("whoami") as answer:
        assert await answer.json() == {"tenant": "1" * 32}


async def test_without_a_token_nothing_is_reached_but_what_is_open(send):
    for path in ("whoami", "slow", "nothing"):
        async with send(path, token=None) as answer:
            assert await problem(answer) == (401, "token_missing")
            assert answer.headers["WWW-Authenticate"] == CHALLENGE
    async with send("open", token=None) as answer:
        assert await answer.json() == {"tenant": None}


async def test_bad_token_is_named_invalid(send):
    async with send("whoami", token="noise") as answer:
        assert await problem(answer) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_without_a_lease_the_answer_is_503(send, setting):
    setting.owners.away.add("/feed")
    await setting.owners.asked_again("/feed")
    setting.clock.advance(2)
    async with send("whoami") as answer:
        assert await problem(answer) == (503, "temporarily_unavailable")
        assert answer.headers["Retry-After"] == "1"


async def test_lacking_right_is_403(send):
    async with send("companies") as answer:
        assert await problem(answer) == (403, "insufficient_scope")
        assert "WWW-Authenticate" in answer.headers


async def test_read_of_a_connection_that_dies_is_cut_and_refused(send, api, setting):
    async def kill():
        await api.at_work.wait()
        setting.push(setting.owners.kill())

    async with asyncio.TaskGroup() as both:
        both.create_task(kill())
        async with send("slow") as answer:
            assert await problem(answer) == (401, "invalid_token")
    assert api.cancelled == 1


async def test_write_is_not_cut_in_the_middle_and_its_answer_is_told(send, api, setting):
    async def kill():
        await api.at_work.wait()
        setting.push(setting.owners.kill())
        await setting.owners.asked_again("/feed")
        api.go_on.set()

    async with asyncio.TaskGroup() as both:
        both.create_task(kill())
        async with send("slow", "POST") as answer:
            assert await answer.json() == {"done": True}
    assert api.cancelled == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_stream_is_cut_when_its_connection_dies(send, api, setting, method):
    async with send("stream", method) as answer:
        assert await answer.content.readexactly(5) == b"first"
        await api.at_work.wait()
        setting.push(setting.owners.kill())
        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()
    await eventually(lambda: api.cancelled == 1)


async def test_stream_is_cut_when_the_lease_is_lost(send, api, setting):
    async with send("stream") as answer:
        assert await answer.content.readexactly(5) == b"first"
        setting.owners.away.add("/feed")
        await setting.owners.asked_again("/feed")
        setting.clock.advance(2)
        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()


async def test_stream_of_another_connection_goes_on(send, api, setting):
    async with send("stream") as answer:
        assert await answer.content.readexactly(5) == b"first"
        setting.push(setting.owners.kill("e" * 32))
        await setting.owners.asked_again("/feed")
        api.go_on.set()
        assert await answer.content.read() == b"last"


async def test_bearer_that_dies_just_before_the_answer_is_not_told(send, api, setting):
    api.die = lambda: setting.push(setting.owners.kill())
    async with send("at-the-last-moment") as answer:
        assert await problem(answer) == (401, "invalid_token")


async def test_lease_that_ends_just_before_the_answer_is_not_overlooked(send, api, setting):
    setting.owners.away.add("/feed")
    await setting.owners.asked_again("/feed")
    api.die = lambda: setting.clock.advance(2)
    async with send("at-the-last-moment") as answer:
        assert await problem(answer) == (503, "temporarily_unavailable")
