"""A handler may be an object with its dependencies: its route is known, and admits, all the same."""

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_kit.testing import ManualClock, SeededEntropy
from latchkey_kit.web.application import application
from latchkey_kit.web.routes import api, asked


class Greet:
    async def __call__(self, _request: web.Request) -> web.Response:
        return web.Response(text="hello")


async def test_an_object_serves_two_routes_and_an_internal_one_still_wants_a_credential(http: aiohttp.ClientSession):
    greet = Greet()
    routes = (api("GET", "/open", greet), asked("/inside", greet, by=["auth"]))
    async with TestServer(application(routes, ManualClock(), SeededEntropy()), host="127.0.0.1") as server:
        async with http.get(server.make_url("/open")) as response:
            assert (response.status, await response.text()) == (200, "hello")
        async with http.post(server.make_url("/inside")) as response:
            assert response.status == 401
