"""The registry on real PostgreSQL and NATS, before owners that remember what they were told."""

import base64
import datetime as dt

import asyncpg
import jwt
import msgspec
import pytest
from aiohttp import encode_basic_auth, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from latchkey_client_registry.__main__ import DEFINITION
from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.clients import ClientsGet, GateGet
from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    ACTOR_TYPE,
    ActorClaims,
    ActorKeysAnswer,
    ActorKeysGet,
    PersonRights,
    PersonRightsGet,
)
from latchkey_contracts.requests.grants import Applied, TokenApply
from latchkey_contracts.requests.operator import ClientPut, LabsPut
from latchkey_contracts.requests.permissions import CeilingAnswer, CeilingGet, CeilingPut
from latchkey_kit.testing import ManualClock
from latchkey_kit.testing.services import ORIGIN, credential
from latchkey_kit.web.problems import Document
from latchkey_verify.testing import TENANT, USER, Issuer, Owners, rights

IN_FORCE = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
STAFF = "8" * 32
MANAGER = {"oauthclient": ["view", "create", "update", "remove"]}


class Neighbours(Owners):
    """Token, permissions and auth: ``gates``, ``standings`` and ``ceilings`` hold what the registry handed over.

    ``before_ceiling`` is awaited before a ceiling is taken: between a request's admission and its commit.
    ``refuses_ceilings`` is a problem to answer with; ``ceiling_puts`` are all questions, refused ones too.
    ``person`` is what the role of whoever is at the console allows; ``actor_key`` signs that they are there.
    """

    def __init__(self, issuer):
        super().__init__(issuer)
        self.gates, self.standings, self.ceilings = [], [], {}
        self.ceiling_puts, self.refuses_ceilings, self.dynamic = [], None, set()
        self.before_ceiling = None
        self.rights = rights(MANAGER, MANAGER, MANAGER)
        self.person, self.actor_key = MANAGER, Ed25519PrivateKey.generate()
        self.more_routes = [
            web.post(TokenApply.path, self.apply),
            web.post(CeilingPut.path, self.put_ceiling),
            web.post(CeilingGet.path, self.get_ceiling),
            web.post(ActorKeysGet.path, self.actor_keys),
            web.post(PersonRightsGet.path, self.person_rights),
        ]

    async def apply(self, request):
        told = msgspec.json.decode(await request.read(), type=TokenApply)
        if request.path not in self.away:
            self.gates += [told.gate] if told.gate else []
            self.standings += told.standings
        return await self._answer(request, Applied(number=7, effective_at=IN_FORCE))

    def newest(self, client):
        """The gate that the token service has after all it was told, in whatever order: the highest revision wins."""
        return max((gate for gate in self.gates if gate.client == client), key=lambda gate: gate.revision)

    async def put_ceiling(self, request):
        asked = msgspec.json.decode(await request.read(), type=CeilingPut)
        if self.before_ceiling is not None:
            await self.before_ceiling()
        self.ceiling_puts.append(asked)
        problem = self.refuses_ceilings
        if "spaceship" in asked.permissions:
            problem = Document(status=400, title="No.", code="invalid_request", detail="There is no model spaceship.")
        if problem is not None:
            return web.Response(status=problem.status, body=msgspec.json.encode(problem))
        if request.path not in self.away:
            self.ceilings[asked.client] = asked.permissions
            if asked.dynamic is not None:
                (self.dynamic.add if asked.dynamic else self.dynamic.discard)(asked.client)
        return await self._answer(request, Done())

    async def get_ceiling(self, request):
        asked = msgspec.json.decode(await request.read(), type=CeilingGet)
        return await self._answer(request, CeilingAnswer(permissions=self.ceilings[asked.client]))

    async def actor_keys(self, request):
        raw = base64.urlsafe_b64encode(self.actor_key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return await self._answer(request, ActorKeysAnswer(keys={"actors": raw}))

    async def person_rights(self, request):
        await request.read()
        role = PersonRights(
            role="4" * 32,
            role_name="Admin",
            permissions=msgspec.Raw(msgspec.json.encode(self.person)),
            portfolio="all",
            app_center=True,
            settings=True,
            audit=True,
        )
        return await self._answer(request, role)

    def assertion(self, now, **claims):
        said = {"aud": "client-registry", "sub": USER, "tid": TENANT} | claims
        made = ActorClaims(iss=ORIGIN, iat=now, exp=now + 60, **said)
        headers = {"typ": ACTOR_TYPE, "kid": "actors"}
        return jwt.PyJWS().encode(msgspec.json.encode(made), self.actor_key, "EdDSA", headers)


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
        DEFINITION,
        clock=clock,
        auth_url=owners.url,
        token_url=owners.url,
        heads_urls=owners.url,
        permissions_url=owners.url,
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
def console(registry, owners, clock, http):
    """The console, for an admin of the tenant, or whoever the claims say: status and body."""

    async def ask(method, path, body=None, *, headers=None, caller="console", **claims):
        sent = {
            ACTOR_HEADER: owners.assertion(int(clock.now().timestamp()), **claims),
            "Authorization": encode_basic_auth(caller, credential(caller)),
            **(headers or {}),
        }
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with http.request(method, registry.internal_url + path, headers=sent, **given) as response:
            return response.status, await response.json(content_type=None)

    return ask


@pytest.fixture
def staff(console):
    """The console, for a member of staff who is in no tenant."""

    async def ask(method, path, body=None, *, headers=None):
        return await console(method, path, body, headers=headers, sub=STAFF, tid="", stf=True)

    return ask


@pytest.fixture
def gate(registry, peer):
    async def ask(client):
        return (await peer("token", registry.internal_url).ask(GateGet(client=client))).gate

    return ask


@pytest.fixture
def made(manage):
    """Make a client: its JSON, with the secret."""

    async def make(**members):
        new = {"name": "Sync", "redirect_uris": ["https://app.example/callback"], "permissions": {"company": ["view"]}}
        status, client = await manage("POST", "", new | members)
        assert status == 201, client
        return client

    return make


@pytest.fixture
def operator(registry, peer):
    return peer("operator", registry.internal_url)


@pytest.fixture
def published(operator):
    """Make a client that another tenant has published: its id."""

    async def make(tenant, *, published=True):
        put = ClientPut(
            tenant=tenant,
            name="market",
            description="",
            client_type="confidential",
            redirect_uris=("https://market.example/callback",),
            permissions={"company": ("view",)},
            published=published,
        )
        return (await operator.ask(put)).id

    return make


@pytest.fixture
def seen(registry, peer):
    """What the authorization endpoint sees of a client, for some tenants."""

    async def ask(client, *tenants):
        return await peer("auth", registry.internal_url).ask(ClientsGet(client=client, tenants=tenants or (TENANT,)))

    return ask


@pytest.fixture
def events(registry):
    """Events in the outbox, without those of making clients and of Labs: type, tenant, user, and data."""

    async def read():
        connection = await asyncpg.connect(registry.settings.database_url.reveal())
        try:
            rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at")
        finally:
            await connection.close()
        found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
        return [
            (one.type, one.tenantid, one.userid, msgspec.json.decode(one.data))
            for one in found
            if one.type not in {"client.created", "labs.changed"}
        ]

    return read


@pytest.fixture
def told(registry):
    """Every event of some types, whole."""

    async def read(*kinds):
        connection = await asyncpg.connect(registry.settings.database_url.reveal())
        try:
            rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at")
        finally:
            await connection.close()
        return [one for row in rows if (one := msgspec.json.decode(row["body"], type=CloudEvent)).type in kinds]

    return read
