"""The MCP server on real NATS, before owners that answer what a test says."""

import asyncio
import contextlib

import httpx2
import msgspec
import pytest
from aiohttp import web
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from latchkey_contracts.requests.records import Described, ModelDescription, Operation, RecordsDescribe, RecordsPerform
from latchkey_kit.testing import ManualClock, eventually
from latchkey_kit.testing.services import ORIGIN
from latchkey_mcp.__main__ import DEFINITION
from latchkey_verify.testing import Issuer, Owners

RESOURCE = f"{ORIGIN}/v1/mcp"
SCHEMA = {"type": "object", "properties": {"limit": {"type": "integer"}}}


class Records:
    """Answers ``status`` and ``body``; ``gone`` hangs up, ``broken`` fails. ``asked`` are the questions."""

    def __init__(self):
        self.status = 200
        self.body = {"data": [{"id": "1", "name": "Größe"}], "next_cursor": None}
        self.remedy = None
        self.gone = False
        self.broken = None
        self.asked = []
        self.before_answer = None

    async def perform(self, request):
        self.asked.append(msgspec.json.decode(await request.read(), type=RecordsPerform))
        if self.gone:
            request.transport.close()
        if self.before_answer:
            await self.before_answer()
        if self.broken:
            return self._broken()
        performed = {"status": self.status, "body": self.body, "remedy": self.remedy}
        return web.Response(body=msgspec.json.encode(performed))

    async def describe(self, request):
        self.asked.append(msgspec.json.decode(await request.read(), type=RecordsDescribe))
        if self.gone:
            request.transport.close()
        if self.broken:
            return self._broken()
        operations = tuple(
            Operation(name=name, title=name.title(), allowed=name == "list", parameters=_raw(SCHEMA))
            for name in ("list", "remove")
        )
        company = ModelDescription(model_route="companies", title="Companies", operations=operations)
        return web.Response(body=msgspec.json.encode(Described(models=(company,))))

    def _broken(self):
        return web.Response(status=self.broken["status"], body=msgspec.json.encode(self.broken))


def _raw(value):
    return msgspec.Raw(msgspec.json.encode(value))


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def issuer(clock):
    return Issuer(ORIGIN, RESOURCE, clock)


@pytest.fixture
def records():
    return Records()


@pytest.fixture
async def owners(issuer, records):
    made = Owners(issuer)
    made.more_routes = [
        web.post(RecordsPerform.path, records.perform),
        web.post(RecordsDescribe.path, records.describe),
    ]
    async with made.serving():
        yield made


@pytest.fixture
async def served(serving_service, clock, owners, http):
    peers = dict.fromkeys(("heads_urls", "permissions_url", "records_url"), owners.url)
    up, over = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def live():  # the SDK wants to be started and stopped by one task, which a fixture is not
        async with serving_service(DEFINITION, clock=clock, **peers) as one:
            up.set_result(one)
            await over.wait()

    life = asyncio.create_task(live())
    await asyncio.wait([up, life], return_when=asyncio.FIRST_COMPLETED)
    one = up.result()

    async def ready():
        async with http.get(f"{one.admin_url}/readyz") as response:
            return response.status == 200

    await eventually(ready)
    yield one
    over.set()
    await life


@pytest.fixture
def url(served):
    return f"{served.public_url}/v1/mcp"


@pytest.fixture
def send(url, http, issuer):
    """One HTTP request with a good token; ``token=None`` sends none."""
    good = issuer.mint()

    async def send(body=b"", *, method="POST", token=good, path="", **headers):
        usual = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        data = msgspec.json.encode(body) if isinstance(body, dict) else body
        async with http.request(method, url + path, data=data, headers=usual | bearer | given) as response:
            await response.read()
            return response

    return send


@pytest.fixture(params=["legacy", "auto"])
def connect(request, url, issuer):
    """The official client in both protocol eras."""

    @contextlib.asynccontextmanager
    async def connecting():
        headers = {"Authorization": f"Bearer {issuer.mint()}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=10) as http,
            Client(streamable_http_client(url, http_client=http), mode=request.param) as client,
        ):
            yield client

    return connecting
