"""The service on real parts, a stand-in for the token service, and requests in one line."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_contracts.feed import Floor
from latchkey_contracts.requests import permissions as asks
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_kit.requests import Peer
from latchkey_kit.testing.services import Served, credential
from latchkey_permissions.__main__ import DEFINITION
from latchkey_policy.names import ACTIONS


class TokenService:
    """Takes floors, or, while ``away``, answers 503. ``floors`` has the highest revision of each."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.floors: dict[tuple[str, str], int] = {}
        self.url = ""

    async def apply(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.away:
            raise web.HTTPServiceUnavailable
        for floor in msgspec.json.decode(await request.read(), type=TokenApply).floors:
            self._take(floor)
        return web.Response(body=msgspec.json.encode(Applied(number=1)))

    def _take(self, floor: Floor) -> None:
        about = (floor.kind, floor.key)
        self.floors[about] = max(floor.revision, self.floors.get(about, 0))


class House:
    """What the service's callers ask, each with its own credential."""

    acme, globex, carly, sam, claude = (letter * 32 for letter in "abcde")

    def __init__(self, served: Served, http: aiohttp.ClientSession, peer: Callable[[str, str], Peer]) -> None:
        self.served = served
        self.http = http
        self._peer = peer

    def caller(self, name: str) -> Peer:
        return self._peer(name, self.served.internal_url)

    async def register(
        self, *models: dict[str, Any], who: str = "records", url: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        return await self.put(msgspec.json.encode({"models": models}), who, url)

    async def put(self, body: bytes, who: str = "records", url: str | None = None) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": aiohttp.encode_basic_auth(who, credential(who)),
            "Content-Type": "application/json",
        }
        address = f"{url or self.served.internal_url}/v1/catalogue"
        async with self.http.put(address, data=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def role(self, permissions: dict[str, tuple[str, ...]], **more: Any) -> str:
        asked = {"tenant": self.acme, "name": "Rep", "portfolio": "own"} | more
        return (await self.caller("operator").ask(asks.RolePut(permissions=permissions, **asked))).role

    async def assign(self, role: str, user: str = sam, tenant: str = acme) -> None:
        await self.caller("operator").ask(asks.RoleAssign(tenant=tenant, user=user, role=role))

    async def ceiling(self, permissions: dict[str, tuple[str, ...]], client: str = claude, tenant: str = acme) -> None:
        await self.caller("client-registry").ask(asks.CeilingPut(tenant=tenant, client=client, permissions=permissions))

    async def resolve(self, scope: str | None, default: Any = "inclusive", **more: Any) -> asks.Resolution:
        asked = {"tenant": self.acme, "user": self.sam, "client": self.claude} | more
        return await self.caller("auth").ask(asks.PermissionsResolve(scope=scope, default=default, **asked))

    async def rights(self, document: str, who: str = "records", **more: Any) -> asks.Rights:
        asked = {"tenant": self.acme, "user": self.sam, "client": self.claude} | more
        return await self.caller(who).ask(asks.RightsGet(document=document, **asked))


@pytest.fixture
async def token() -> AsyncIterator[TokenService]:
    service = TokenService()
    app = web.Application()
    app.router.add_post(TokenApply.path, service.apply)
    async with TestServer(app, host="127.0.0.1") as server:
        service.url = str(server.make_url("/"))
        yield service


@pytest.fixture
async def served(serving_service: Callable[..., Any], token: TokenService) -> AsyncIterator[Served]:
    async with serving_service(DEFINITION, token_url=token.url) as service:
        yield service


@pytest.fixture
def empty_house(served: Served, http: aiohttp.ClientSession, peer: Callable[[str, str], Peer]) -> House:
    """A service where no resource server has registered yet."""
    return House(served, http, peer)


@pytest.fixture
async def house(empty_house: House, models: list[dict[str, Any]]) -> House:
    """A service that knows the models of records."""
    status, _ = await empty_house.register(*models)
    assert status == 200
    return empty_house


@pytest.fixture
def models() -> list[dict[str, Any]]:
    name = {"name": "name", "type": "text", "title": "Name"}
    arr = {"name": "arr", "type": "number", "title": "ARR", "writable": False}
    return [
        _model("company", "companies", "Company", [name, arr]),
        _model("enduser", "endusers", "End user", [name]),
        _model("asset", "assets", "Asset", [name]),
    ]


def _model(name: str, route: str, title: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    plural = f"{title.lower()}s"
    return {"name": name, "route": route, "title": title, "plural": plural, "actions": list(ACTIONS), "fields": fields}
