"""The service on real parts, stand-ins for the services around it, and requests in one line."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from latchkey_contracts.requests import permissions as asks
from latchkey_contracts.requests.connections import ConnectionAnswer, ConnectionFacts, ConnectionGet
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_contracts.requests.members import MembersAnswer, MembersGet
from latchkey_contracts.requests.records import CompanyOwner, OwnerAnswer
from latchkey_contracts.requests.resource_servers import ResourceServerCheck, ResourceServerKnown
from latchkey_embedded import free_port
from latchkey_kit.clock import SystemClock
from latchkey_kit.requests import Peer
from latchkey_kit.testing.services import ORIGIN, Served, credential
from latchkey_permissions.__main__ import DEFINITION
from latchkey_permissions.domain.management import MODELS
from latchkey_policy.names import ACTIONS
from latchkey_verify.testing import Issuer, Owners
from latchkey_verify.testing_people import ActorSigner

EVERYTHING = dict.fromkeys(("company", "enduser", "asset"), ACTIONS) | {model.name: model.actions for model in MODELS}
ALL_OF_IT = {"portfolio": "all", "app_center": True, "settings": True, "audit": True}


class Neighbours(Owners):
    """The services around: token, heads, auth and records. ``floors`` has the highest revision of each.

    ``members`` are users of acme; ``connections`` and ``companies`` are what token and records tell, by tenant and id;
    ``resource_servers`` of others are by name, each with the SHA-256 of its secret.
    """

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(issuer)
        self.floors: dict[tuple[str, str], int] = {}
        self.members: dict[str, set[str]] = {}
        self.connections: dict[tuple[str, str], ConnectionFacts] = {}
        self.companies: dict[tuple[str, str], str | None] = {}
        self.resource_servers: dict[str, str] = {}
        self.actors = ActorSigner(ORIGIN, SystemClock())
        self.more_routes = [
            web.post(TokenApply.path, self._apply),
            web.post(MembersGet.path, self._members),
            web.post(ConnectionGet.path, self._connection),
            web.post(CompanyOwner.path, self._owner),
            web.post(ResourceServerCheck.path, self._check_resource_server),
            self.actors.route(),
        ]

    async def _apply(self, request: web.Request) -> web.Response:
        told = msgspec.json.decode(await request.read(), type=TokenApply)
        if request.path not in self.away:
            for floor in told.floors:
                about = (floor.kind, floor.key)
                self.floors[about] = max(floor.revision, self.floors.get(about, 0))
                self.add(floor.kind, floor.key, floor.revision)
        return await self._answer(request, Applied(number=1))

    async def _members(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=MembersGet)
        known = self.members.get(asked.tenant, set())
        return await self._answer(request, MembersAnswer(members=tuple(sorted(known & set(asked.users)))))

    async def _connection(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=ConnectionGet)
        found = self.connections.get((asked.tenant, asked.connection))
        return await self._answer(request, ConnectionAnswer(connection=found))

    async def _check_resource_server(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=ResourceServerCheck)
        known = self.resource_servers.get(asked.name) == asked.digest
        return await self._answer(request, ResourceServerKnown(known=known))

    async def _owner(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=CompanyOwner)
        about = (asked.tenant, asked.company)
        return await self._answer(request, OwnerAnswer(known=about in self.companies, owner=self.companies.get(about)))


class House:
    """What the service's callers ask, each with its own credential."""

    acme, globex, carly, sam, claude, rita, kim, cli = (letter * 32 for letter in "abcdef12")

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

    async def role(self, permissions: dict[str, Any], **more: Any) -> str:
        asked = {"tenant": self.acme, "name": "Rep", "portfolio": "own"} | more
        return (await self.caller("operator").ask(asks.RolePut(permissions=permissions, **asked))).role

    async def assign(self, role: str, user: str = sam, tenant: str = acme) -> None:
        await self.caller("operator").ask(asks.RoleAssign(tenant=tenant, user=user, role=role))

    async def ceiling(self, permissions: dict[str, Any], client: str = claude, tenant: str = acme, **more: Any) -> None:
        asked = asks.CeilingPut(tenant=tenant, client=client, permissions=permissions, **more)
        await self.caller("client-registry").ask(asked)

    async def resolve(self, scope: str | None, default: Any = "inclusive", **more: Any) -> asks.Resolution:
        asked = {"tenant": self.acme, "user": self.sam, "client": self.claude} | more
        return await self.caller("auth").ask(asks.PermissionsResolve(scope=scope, default=default, **asked))

    async def rights(self, document: str, who: str = "records", **more: Any) -> asks.Rights:
        asked = {"tenant": self.acme, "user": self.sam, "client": self.claude} | more
        return await self.caller(who).ask(asks.RightsGet(document=document, **asked))


class Management:
    """The management API as people use it, each through the client ``cli``, which may do everything."""

    def __init__(self, house: House, token: Neighbours) -> None:
        self._house = house
        self._token = token
        self._documents: dict[tuple[str, str], str] = {}

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str = House.carly,
        tenant: str = House.acme,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> tuple[int, Any]:
        """``more`` are claims of the token to change."""
        whose = (by, tenant)
        if whose not in self._documents:
            resolved = await self._house.resolve("inclusive", user=by, tenant=tenant, client=self._house.cli)
            assert resolved.document, resolved
            self._documents[whose] = resolved.document
        usual = {"sub": by, "tid": tenant, "client_id": self._house.cli, "prm": self._documents[whose]}
        headers = {"Authorization": f"Bearer {self._token.issuers[0].mint(**usual | more)}"} | (headers or {})
        url = self._house.served.public_url + path
        async with self._house.http.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
async def token() -> AsyncIterator[Neighbours]:
    service = Neighbours(Issuer(ORIGIN, f"{ORIGIN}/v1", SystemClock()))
    async with service.serving():
        yield service


@pytest.fixture
def serving(serving_service: Callable[..., Any], token: Neighbours) -> Callable[..., Any]:
    """An instance of the service. It asks itself for rights, as every verifier does."""

    def serve(**more: Any) -> Any:
        port = free_port()
        urls = dict.fromkeys(("heads_urls", "auth_url", "records_url", "token_url"), token.url)
        ours = {"internal_port": port, "permissions_url": f"http://127.0.0.1:{port}"}
        return serving_service(DEFINITION, **urls | ours | more)

    return serve


@pytest.fixture
async def served(serving: Callable[..., Any]) -> AsyncIterator[Served]:
    async with serving() as service:
        yield service


@pytest.fixture
async def manage(house: House, token: Neighbours) -> Callable[..., Any]:
    """Carly is the Admin of acme, Kim that of globex; Sam has no role yet. Gives status and body."""
    token.members |= {house.acme: {house.carly, house.sam, house.rita}, house.globex: {house.kim}}
    for tenant, admin in ((house.acme, house.carly), (house.globex, house.kim)):
        role = await house.role(EVERYTHING, name="Admin", tenant=tenant, **ALL_OF_IT)
        await house.assign(role, admin, tenant)
    await house.ceiling(EVERYTHING, client=house.cli)
    await house.served.ready()
    return Management(house, token).ask


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
