"""The service on real PostgreSQL and NATS, before a token and a permissions service that answer what a test grants."""

import contextlib

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_contracts.requests.permissions import RightsGet
from latchkey_contracts.requests.records import RecordsDescribe, RecordsLoad, RecordsPerform
from latchkey_kit.clock import SystemClock
from latchkey_kit.testing.services import ORIGIN
from latchkey_records.__main__ import DEFINITION
from latchkey_verify.testing import Issuer, Owners, rights

API, MCP = f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp"
ACME, GLOBEX = "a" * 32, "b" * 32
SAM, CARLY, KIM = "5" * 32, "6" * 32, "7" * 32
CLIENT = "3" * 32
ALL_ACTIONS = ["create", "view", "update", "remove", "export"]
EVERYTHING = dict.fromkeys(("company", "enduser", "conversation", "task", "asset"), ALL_ACTIONS)


class Permissions:
    """Answers rights by the grant document, and takes catalogues unless it is ``away``."""

    def __init__(self):
        self.rights = {}
        self.catalogues = []
        self.away = False

    def app(self):
        app = web.Application()
        app.router.add_post(RightsGet.path, self._get_rights)
        app.router.add_put("/v1/catalogue", self._put_catalogue)
        return app

    async def _get_rights(self, request):
        asked = msgspec.json.decode(await request.read(), type=RightsGet)
        return web.Response(body=msgspec.json.encode(self.rights[asked.document]))

    async def _put_catalogue(self, request):
        if self.away:
            raise web.HTTPServiceUnavailable
        assert aiohttp.BasicAuth.decode(request.headers["Authorization"]).login == "records"
        self.catalogues.append(await request.json())
        return web.json_response({})


class House:
    """``grant`` makes a token; ``get``, ``post``, … send it over REST, ``perform`` and ``describe`` through MCP."""

    def __init__(self, served, http, peer, issuer, permissions):
        self.served = served
        self.issuer = issuer
        self.permissions = permissions
        self._http = http
        self._peer = peer

    def grant(
        self,
        granted=EVERYTHING,
        *,
        ceiling=EVERYTHING,
        role=EVERYTHING,
        portfolio="all",
        now=None,
        team=(SAM,),
        listed=(),
        **claims,
    ):
        """A token of Sam of acme, good at both doors; ``claims`` change that."""
        document = f"{len(self.permissions.rights):064x}"
        answer = rights(granted, ceiling, role, portfolios=(portfolio, now or portfolio))
        answer = msgspec.structs.replace(answer, team=tuple(team), listed=tuple(listed))
        self.permissions.rights[document] = answer
        usual = {"sub": SAM, "tid": ACME, "prm": document, "aud": [API, MCP], "client_id": CLIENT}
        return self.issuer.mint(**usual | claims)

    async def ask(self, method, path, token, headers=None, **more):
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.served.public_url + path
        async with self._http.request(method, url, headers=sent | (headers or {}), **more) as got:
            text = await got.read()
            decoded = (
                msgspec.json.decode(text) if text and got.content_type.endswith(("/json", "+json")) else text or None
            )
            return Answer(got.status, decoded, got.headers)

    async def get(self, path, token, **params):
        return await self.ask("GET", path, token, params=params)

    async def post(self, path, token, body):
        return await self.ask("POST", path, token, json=body)

    async def patch(self, path, token, body):
        return await self.ask("PATCH", path, token, json=body)

    async def delete(self, path, token):
        return await self.ask("DELETE", path, token)

    async def perform(self, token, route, operation, **parameters):
        asked = RecordsPerform(access_token=token, model_route=route, operation=operation, parameters=parameters)
        performed = await self.peer("mcp").ask(asked)
        return Performed(performed.status, msgspec.json.decode(performed.body), performed.remedy)

    async def describe(self, token):
        described = await self.peer("mcp").ask(RecordsDescribe(access_token=token))
        return {model.model_route: {one.name: one for one in model.operations} for model in described.models}

    async def load(self, model, *records, tenant=ACME):
        return (await self.peer("operator").ask(RecordsLoad(tenant=tenant, model=model, records=records))).created

    def peer(self, caller):
        return self._peer(caller, self.served.internal_url)


class Answer(msgspec.Struct):
    status: int
    body: object
    headers: object

    @property
    def data(self):
        return self.body["data"]

    @property
    def pointers(self):
        return [error["pointer"] for error in self.body.get("errors", ())]


class Performed(msgspec.Struct):
    status: int
    body: object
    remedy: str | None


@pytest.fixture
def permissions():
    return Permissions()


@pytest.fixture
def issuer():
    return Issuer(ORIGIN, API, SystemClock())


@pytest.fixture
def owners(issuer):
    return Owners(issuer)


@pytest.fixture
def starting(serving_service, owners, permissions):
    """Serve the service with these settings for the time of a block; nothing is waited for."""

    @contextlib.asynccontextmanager
    async def start(**settings):
        async with owners.serving() as heads_urls, TestServer(permissions.app(), host="127.0.0.1") as server:
            urls = {"heads_urls": heads_urls, "permissions_url": str(server.make_url("/"))}
            async with serving_service(DEFINITION, **urls, **{"local_mode": True} | settings) as served:
                yield served

    return start


@pytest.fixture
async def house(starting, http, peer, issuer, permissions):
    async with starting() as served:
        await served.ready()
        yield House(served, http, peer, issuer, permissions)


@pytest.fixture
def missing(http):
    """What a service says that it still misses."""

    async def ask(served):
        async with http.get(f"{served.admin_url}/readyz") as got:
            return (await got.json())["missing"]

    return ask


@pytest.fixture
async def companies(house):
    """Twenty companies of acme, of which Sam owns five (0, 4, 8, 12, 16), and one of globex."""
    made = [company(number, owner=SAM if number % 4 == 0 else CARLY) for number in range(20)]
    assert await house.load("company", *made) == 20
    assert await house.load("company", company(99, owner=SAM), tenant=GLOBEX) == 1
    return [one["id"] for one in made]


def company(number, **more):
    return {"id": f"{number + 1:032x}", "name": f"Company {number}", "city": "Paris" if number % 2 else "Oslo"} | more
