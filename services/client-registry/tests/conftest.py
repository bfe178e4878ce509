"""The registry on real PostgreSQL and NATS, before owners that remember what they were told."""

import msgspec
import pytest
from aiohttp import web

from latchkey_client_registry.__main__ import DEFINITION
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.clients import GateGet
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_contracts.requests.operator import LabsPut
from latchkey_contracts.requests.permissions import CeilingAnswer, CeilingGet, CeilingPut
from latchkey_kit.testing import ManualClock
from latchkey_kit.testing.services import ORIGIN
from latchkey_kit.web.problems import Document
from latchkey_verify.testing import TENANT, Issuer, Owners, rights

MANAGER = {"oauthclient": ["view", "create", "update"]}


class Neighbours(Owners):
    """Token and permissions: ``gates`` and ``ceilings`` hold what the registry handed over."""

    def __init__(self, issuer):
        super().__init__(issuer)
        self.gates, self.ceilings = [], {}
        self.rights = rights(MANAGER, MANAGER, MANAGER)
        self.more_routes = [
            web.post(TokenApply.path, self.apply),
            web.post(CeilingPut.path, self.put_ceiling),
            web.post(CeilingGet.path, self.get_ceiling),
        ]

    async def apply(self, request):
        self.gates.append(msgspec.json.decode(await request.read(), type=TokenApply).gate)
        return self._answer(request, Applied())

    async def put_ceiling(self, request):
        asked = msgspec.json.decode(await request.read(), type=CeilingPut)
        if "spaceship" in asked.permissions:
            problem = Document(status=400, title="No.", code="invalid_request", detail="There is no model spaceship.")
            return web.Response(status=400, body=msgspec.json.encode(problem))
        self.ceilings[asked.client] = asked.permissions
        return self._answer(request, Done())

    async def get_ceiling(self, request):
        asked = msgspec.json.decode(await request.read(), type=CeilingGet)
        return self._answer(request, CeilingAnswer(permissions=self.ceilings[asked.client]))


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def owners(clock):
    made = Neighbours(Issuer(ORIGIN, f"{ORIGIN}/v1", clock))
    async with made.serving():
        yield made


@pytest.fixture
async def registry(serving_service, clock, owners, peer):
    async with serving_service(
        DEFINITION, clock=clock, token_url=owners.url, heads_urls=owners.url, permissions_url=owners.url
    ) as served:
        await served.ready()
        await peer("operator", served.internal_url).ask(LabsPut(tenant=TENANT, on=True))
        yield served


@pytest.fixture
def manage(registry, owners, http):
    """The management API as an admin: status and body."""

    async def ask(method, path="", body=None, **claims):
        headers = {"Authorization": f"Bearer {owners.issuers[0].mint(**claims)}"}
        url = f"{registry.public_url}/v1/oauth-clients{path}"
        async with http.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return ask


@pytest.fixture
def gate(registry, peer):
    async def ask(client):
        return (await peer("token", registry.internal_url).ask(GateGet(client=client))).gate

    return ask
