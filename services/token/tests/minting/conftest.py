"""The whole service on real PostgreSQL and NATS, driven over HTTP as auth, the registry and an app would."""

import contextlib
import json

import aiohttp
import jwt
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests.clients import Gate, GateAnswer
from latchkey_contracts.requests.grants import GrantsCreate, TokenApply
from latchkey_embedded import free_port
from latchkey_kit.settings import Secret
from latchkey_kit.testing.services import ORIGIN
from latchkey_oauth import pkce
from latchkey_oauth.token_string import secret_hash
from latchkey_token.__main__ import DEFINITION

BOTH = (f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp")
REDIRECT = "https://app.example/callback"
VERIFIER = "a-verifier-of-43-characters-or-more-0123456789"
SCOPE = ("company:view", "company:update")


class Registry:
    """Speaks for the client registry: what it knows is what it answers."""

    def __init__(self):
        self.gates = {}
        self.asked = 0
        self.away = False

    async def gate(self, request):
        self.asked += 1
        if self.away:
            raise web.HTTPServiceUnavailable
        asked = (await request.json())["client"]
        return web.Response(body=msgspec.json.encode(GateAnswer(gate=self.gates.get(asked))))


class App(msgspec.Struct, frozen=True):
    """An OAuth client, as its developer sees it."""

    id: str
    secret: str | None
    gate: Gate


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: dict
    headers: dict

    @property
    def claims(self):
        return jwt.decode(self.body["access_token"], options={"verify_signature": False})

    @property
    def error(self):
        return self.status, self.body.get("error")


class House:
    """One running token service, and what there is around it."""

    def __init__(self, served, database, http, peer, registry, some_id):
        self.served, self.database, self.http, self.registry, self.new_id = served, database, http, registry, some_id
        self.auth = peer("auth", served.internal_url)
        self.owner = peer("client-registry", served.internal_url)

    async def app(self, *, secret="lk_cs_a-secret", known_here=True, **fields):
        """An app that the registry knows, and the gate as well unless told otherwise."""
        fields = {"client_type": "confidential", "proof": "both", "retry_window": 0} | fields
        if fields["client_type"] == "public":
            secret = None
        gate = Gate(
            client=self.new_id(), tenant=self.new_id(), revision=1, turn=1, default_audience="both",
            secret_hashes=(secret_hash(secret).hex(),) if secret else (), **fields,
        )  # fmt: skip
        self.registry.gates[gate.client] = gate
        if known_here:
            await self.owner.ask(TokenApply(gate=gate))
        return App(gate.client, secret, gate)

    async def changed(self, app, *, tell=True, **fields):
        """The registry commits a change of a client."""
        gate = msgspec.structs.replace(self.registry.gates[app.id], **fields)
        gate = msgspec.structs.replace(gate, revision=gate.revision + 1)
        self.registry.gates[app.id] = gate
        if tell:
            await self.owner.ask(TokenApply(gate=gate))
        return App(app.id, app.secret, gate)

    async def consent(self, app, **fields):
        """Auth reports a consent; returns the code and the connection."""
        ask = {
            "tenant": app.gate.tenant, "user": self.new_id(), "client": app.id, "document": "d0" * 32, "scope": SCOPE,
            "resources": BOTH, "redirect_uri": REDIRECT, "redirect_uri_sent": True,
            "challenge": pkce.challenge_for(VERIFIER), "client_revision": 1, "client_turn": 1,
        }  # fmt: skip
        return await self.auth.ask(GrantsCreate(**(ask | fields)))

    async def post(self, data=None, **named):
        async with self.http.post(f"{self.served.public_url}/oauth/token", data=data, **named) as response:
            return Answer(response.status, json.loads(await response.text()), dict(response.headers))

    async def exchange(self, app, code, **fields):
        """The app brings a code; a field that is ``None`` is left out."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER,
            "client_id": app.id, "client_secret": app.secret,
        }  # fmt: skip
        return await self.post(_form(form | fields))

    async def refresh(self, app, token, **fields):
        form = {
            "grant_type": "refresh_token", "refresh_token": token, "client_id": app.id, "client_secret": app.secret,
        }  # fmt: skip
        return await self.post(_form(form | fields))

    async def connected(self, app, **fields):
        """A connection that has its first tokens."""
        grant = await self.consent(app, **fields)
        answer = await self.exchange(app, grant.code)
        assert answer.status == 200, answer.body
        return answer

    async def row(self, connection_id):
        async with self.database.connection() as connection:
            return dict(await connection.fetchrow("SELECT * FROM connection WHERE id = $1", connection_id))

    async def alive(self, connection_id):
        return (await self.row(connection_id))["revoked_at"] is None

    async def sql(self, statement, *values):
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)

    async def age(self, connection_id, seconds):
        """Let time pass for a connection: the rules run on the database's clock."""
        await self.sql(
            "UPDATE connection SET rotated_at = rotated_at - $2 * interval '1 second',"
            " expires_at = expires_at - $2 * interval '1 second' WHERE id = $1",
            connection_id, seconds,
        )  # fmt: skip

    async def events(self, connection_id):
        """Events about a connection: type and data."""
        rows = await self.sql("SELECT body FROM outbox ORDER BY created_at, id")
        found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
        return [(one.type, msgspec.json.decode(one.data)) for one in found if one.subject == connection_id]

    async def event_types(self, connection_id):
        return [kind for kind, _ in await self.events(connection_id)]


def _form(fields):
    return [(name, value) for name, value in fields.items() if value is not None]


@contextlib.asynccontextmanager
async def _serving_registry(registry):
    app = web.Application()
    app.router.add_post("/internal/clients/gate", registry.gate)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
def running_house(serving_service, database_url, database, peer, some_id):
    """Run a house; its service may reach the database by another way."""

    @contextlib.asynccontextmanager
    async def run(url=database_url, **settings):
        registry = Registry()
        port = free_port()
        async with (
            _serving_registry(registry) as registry_url,
            serving_service(
                DEFINITION,
                database_url=Secret(url),
                client_registry_url=registry_url,
                permissions_url="http://127.0.0.1:9",
                internal_port=port,
                token_url=f"http://127.0.0.1:{port}",
                **settings,
            ) as served,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            yield House(served, database, http, peer, registry, some_id)

    return run


@pytest_asyncio.fixture
async def house(running_house):
    async with running_house() as made:
        yield made
