"""An app that asks for authorization in somebody's browser, and hears what comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp import web
from playwright.async_api import Request
from visitors import House, Visitor

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials, call
from latchkey_kit.entropy import SystemEntropy
from latchkey_oauth.pkce import challenge_for

EVERYTHING = {"company": ["view", "update", "export"], "asset": ["view"]}


@dataclass(frozen=True)
class Asked:
    """One authorization request; ``url`` is where the browser begins."""

    url: str
    url_back: str
    state: str
    verifier: str


def asking(house: House, client: str, redirect_uri: str, **parameters: str) -> Asked:
    state, verifier = (SystemEntropy().bytes(size).hex() for size in (12, 32))
    asked = {
        "response_type": "code", "client_id": client, "redirect_uri": redirect_uri, "state": state,
        "code_challenge": challenge_for(verifier), "code_challenge_method": "S256", **parameters,
    }  # fmt: skip
    return Asked(f"{house.origin}/oauth/authorize?{urlencode(asked)}", redirect_uri, state, verifier)


async def sent_to(visitor: Visitor, place: str, doing) -> dict[str, str]:
    """Do something, and give the parameters with which the browser then goes to ``place``."""
    went: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def see(request: Request) -> None:
        if request.url.startswith(place) and not went.done():
            went.set_result(request.url)

    visitor.nobody_there = True
    visitor.page.on("request", see)
    with contextlib.suppress(Exception):  # nobody is there: the browser shows an error of its own
        await doing()
    async with asyncio.timeout(30):
        url = await went
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@contextlib.asynccontextmanager
async def listening(
    before_it_answers: Callable[[], Awaitable[object]] | None = None,
) -> AsyncIterator[tuple[int, asyncio.Queue[dict[str, str]]]]:
    """A program on this computer that waits for the answer: its port, and what came."""
    came: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def callback(request: web.Request) -> web.Response:
        came.put_nowait(dict(request.query))
        if before_it_answers is not None:
            await before_it_answers()
        page = '<!doctype html><title>Done</title><link rel="icon" href="data:,">You may close this window.'
        return web.Response(text=page, content_type="text/html")

    application = web.Application()
    application.router.add_get("/callback", callback)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1], came
    finally:
        await runner.cleanup()


async def make_client(house: House, redirect_uris: list[str], permissions=None, **given) -> dict:
    """A client of acme, made by its admin through the API."""
    admin = house.demo["users"]["carly@acme.test"]["password"]
    known = house.client("admin-cli")
    async with aiohttp.ClientSession() as http, Browser("carly@acme.test", admin) as person:
        app = App(http, house.origin, Credentials(client_id=known["client_id"]))
        token = (await app.connect(person, resources=(f"{house.origin}/v1",))).access_token
        body = {
            "name": "Field Notes",
            "redirect_uris": redirect_uris,
            "permissions": permissions or EVERYTHING,
            **given,
        }
        status, made = await call(http, "POST", f"{house.origin}/v1/oauth-clients", token, body)
        assert status == 201, made
        return made


async def exchange(house: House, client: str, asked: Asked, code: str) -> dict:
    """What a program without a secret gets for a code."""
    form = {
        "grant_type": "authorization_code", "client_id": client, "code": code, "redirect_uri": asked.url_back,
        "code_verifier": asked.verifier,
    }  # fmt: skip
    async with aiohttp.ClientSession() as http, http.post(f"{house.origin}/oauth/token", data=form) as response:
        assert response.status == 200, await response.text()
        return await response.json()
