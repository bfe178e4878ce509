"""A whole ASGI application behind the door: over real HTTP with uvicorn, and WebSockets by hand."""

import asyncio
import contextlib
import json

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from uvicorn_server import serving

from latchkey_kit.testing import eventually
from latchkey_verify.asgi import BEARER, GUARD, Protected

CHALLENGE = (
    'Bearer resource_metadata="https://api.latchkey.test/.well-known/oauth-protected-resource/v1", scope="inclusive"'
)


class Api:
    """Handlers of an application that knows nothing of tokens. ``cancelled`` counts handlers that were cut off."""

    def __init__(self):
        self.at_work = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = 0

    def app(self):
        both = ["GET", "POST"]
        return Starlette(
            routes=[
                Route("/whoami", self.whoami),
                Route("/open", self.whoami),
                Route("/companies", self.companies),
                Route("/slow", self.slow, methods=both),
                Route("/stream", self.stream, methods=both),
            ]
        )

    async def whoami(self, request):
        bearer = request.scope.get(BEARER)
        return JSONResponse({"tenant": bearer.tenant if bearer else None})

    async def companies(self, request):
        await request.scope[GUARD].require(request.scope[BEARER], "company", "remove")

    async def slow(self, request):
        self.at_work.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return JSONResponse({"done": True})

    async def stream(self, request):
        async def pieces():
            yield b"first"
            await self.slow(request)
            yield b"last"

        return StreamingResponse(pieces())


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def protected(verifier, setting, api):
    return Protected(
        api.app(), contextlib.nullcontext(verifier), setting.api, scope="inclusive", open_to_all=["/open"]
    )  # fmt: skip


@pytest.fixture
async def url(protected):
    async with serving(protected) as address:
        yield f"{address}/"


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


class Live:
    """A protected application whose lifespan runs, and one exchange with it, message by message."""

    def __init__(self, app):
        self.app = app
        self.said = []

    @contextlib.asynccontextmanager
    async def running(self):
        over = asyncio.Event()
        life = asyncio.create_task(self.app({"type": "lifespan"}, over.wait, self._hear))
        await asyncio.sleep(0)
        yield
        over.set()
        await life

    async def ask(self, kind, token=None, receive=None, **more):
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = {"type": kind, "path": "/", "method": "GET", "headers": headers} | more
        await self.app(scope, receive, self._hear)
        return self.said

    async def _hear(self, message):
        self.said.append(message)


@pytest.fixture
async def chat(verifier, setting):
    """An application that accepts WebSockets, says one thing, and waits."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            return
        await send({"type": f"{scope['type']}.accept"})
        await send({"type": f"{scope['type']}.send", "text": scope[BEARER].tenant})
        await asyncio.Event().wait()

    live = Live(Protected(app, contextlib.nullcontext(verifier), setting.api))
    async with live.running():
        yield live


async def test_websocket_without_a_token_is_closed_before_it_opens(chat):
    assert [(said["type"], said["code"]) for said in await chat.ask("websocket")] == [("websocket.close", 1008)]


async def test_websocket_without_a_token_is_told_why_where_the_server_can(chat):
    said = await chat.ask("websocket", extensions={"websocket.http.response": {}})
    assert [(one["type"], one.get("status")) for one in said] == [
        ("websocket.http.response.start", 401), ("websocket.http.response.body", None)
    ]  # fmt: skip


async def test_websocket_is_closed_when_its_connection_dies(chat, setting):
    talk = asyncio.create_task(chat.ask("websocket", setting.issuer.mint()))
    await eventually(lambda: len(chat.said) == 2)
    setting.push(setting.owners.kill())
    assert [one["type"] for one in await talk] == ["websocket.accept", "websocket.send", "websocket.close"]


async def test_exchange_of_an_unknown_kind_is_nobodys(chat):
    with pytest.raises(RuntimeError, match="telepathy"):
        await chat.ask("telepathy")


async def test_application_without_a_lifespan_serves_nobody(verifier, setting):
    async def app(scope, receive, send):
        pytest.fail("nobody may come here")

    live = Live(Protected(app, contextlib.nullcontext(verifier), setting.api))
    said = await live.ask("http", setting.issuer.mint())
    assert said[0]["status"] == 503


async def test_lacking_right_is_403(verifier, setting):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            return
        await scope[GUARD].require(scope[BEARER], "company", "remove")

    live = Live(Protected(app, contextlib.nullcontext(verifier), setting.api))
    async with live.running():
        said = await live.ask("http", setting.issuer.mint())
    assert (said[0]["status"], json.loads(said[1]["body"])["code"]) == (403, "insufficient_scope")


async def test_not_one_more_piece_is_let_out_after_the_kill(verifier, setting):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        setting.push(setting.owners.kill(scope[BEARER].connection))
        await send({"type": "http.response.body", "body": b"last"})

    for method, connection in (("GET", "c" * 32), ("POST", "e" * 32)):
        live = Live(Protected(app, contextlib.nullcontext(verifier), setting.api))
        async with live.running():
            said = await live.ask("http", setting.issuer.mint(sid=connection), method=method)
        assert [one.get("body") for one in said] == [None, b"first"]
