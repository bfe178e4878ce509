"""The token service on real PostgreSQL and NATS: its database with rows in it, and the whole of it over HTTP."""

import contextlib
import json
import sys
from pathlib import Path

import aiohttp
import jwt
import msgspec
import pytest
import pytest_asyncio

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.console import ACTOR_HEADER
from latchkey_contracts.requests.grants import GrantsCreate, TokenApply
from latchkey_contracts.requests.standing import (
    Seen,
)
from latchkey_embedded import free_port
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN, credential, serve
from latchkey_oauth import pkce
from latchkey_oauth.token_string import secret_hash
from latchkey_token.__main__ import DEFINITION, HEADS
from latchkey_verify.testing_people import ActorSigner

sys.path.insert(0, str(Path(__file__).parent))
from owners_of_token import Permissions, Registry, Standings, serving_owners

_CLOCK, _ENTROPY = SystemClock(), SystemEntropy()


@pytest.fixture
def database_url(make_database):
    return make_database("latchkey_token")


@pytest_asyncio.fixture
async def database(database_url):
    async with db.connect(database_url, pool=12) as made:
        yield made


@pytest.fixture
def outbox():
    return Outbox("token", _CLOCK, _ENTROPY)


@pytest.fixture
def some_id():
    """Fresh ids, as many as a test wants."""
    return lambda: new_id(_CLOCK, _ENTROPY)


@pytest.fixture
def given_client(database, some_id):
    """A client that the gate knows: a strict public one, unless told otherwise."""

    async def make(tenant=None, **fields):
        gate = {
            "client_id": some_id(), "tenant_id": tenant or some_id(), "revision": 1, "turn": 1,
            "client_type": "public", "proof": "pkce", "secret_hashes": [], "retry_window": 0,
            "default_audience": "both",
        } | fields  # fmt: skip
        await _insert(database, "gate", gate)
        return gate["client_id"]

    return make


@pytest.fixture
def given_connection(database, some_id, given_client):
    """A connection as a row: exchanged once and alive, unless told otherwise."""

    async def make(tenant=None, client=None, **fields):
        tenant = tenant or some_id()
        client = client or await given_client(tenant)
        async with database.connection() as connection:
            await connection.execute(
                "INSERT INTO granted_scope (document, scope) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                b"d" * 32, "company:view company:update",
            )  # fmt: skip
            now = await connection.fetchval("SELECT clock_timestamp()")
        row = {
            "id": some_id(), "tenant_id": tenant, "user_id": some_id(), "client_id": client,
            "expires_at": now.replace(year=now.year + 1, day=1), "rotated_at": now, "generation": 1,
            "redirect_uri_sent": True, "redirect_hash": b"r" * 32, "challenge": None, "document": b"d" * 32,
            "current_hash": b"s" * 32, "nonce": b"n" * 16, "resources": ["https://api.latchkey.test/v1"],
        } | fields  # fmt: skip
        await _insert(database, "connection", row)
        return row["id"]

    return make


async def _insert(database, table, row):
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    async with database.connection() as connection:
        await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())  # noqa: S608 - our own words


BOTH = (f"{ORIGIN}/v1", f"{ORIGIN}/v1/mcp")
REDIRECT = "https://app.example/callback"
VERIFIER = "a-verifier-of-43-characters-or-more-0123456789"
SCOPE = ("company:view", "company:update")


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

    def __init__(self, served, heads_url, database, http, peer, registry, permissions, standings, actors, some_id):
        self.heads_url = heads_url
        self.served, self.database, self.http, self.new_id = served, database, http, some_id
        self.registry, self.permissions, self.standings = registry, permissions, standings
        self.peer, self.actors = peer, actors
        self.auth = peer("auth", served.internal_url)
        self.owner = peer("client-registry", served.internal_url)

    async def app(self, *, secret="lk_cs_a-secret", known_here=True, **fields):
        """An app that the registry knows, and the gate as well unless told otherwise."""
        fields = {
            "client_type": "confidential", "proof": "both", "retry_window": 0, "default_audience": "both",
        } | fields  # fmt: skip
        if fields["client_type"] == "public":
            secret = None
        gate = Gate(
            client=self.new_id(), tenant=self.new_id(), revision=1, turn=1,
            secret_hashes=(secret_hash(secret).hex(),) if secret else (),
            secret_ids=(self.new_id(),) if secret else (), **fields,
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

    async def turn(self, kind, key, turn, *, tell=True, **fields):
        """The owner of something commits a turn of it; what the token service answers to that."""
        standing = self.standings.put(kind, key, turn, **fields)
        owner = self.owner if kind.endswith("client") else self.auth
        return await owner.ask(TokenApply(standings=(standing,))) if tell else standing

    def seen(self, app, *, tenant, user):
        """What auth sees before a consent, when it looks now."""
        gate = self.registry.gates[app.id]
        keys = {"tenant_client": tenant + app.id, "tenant": tenant, "user": user, "tenant_user": tenant + user}
        turns = tuple(
            Seen(kind=kind, key=key, turn=self.standings.known[kind, key].turn)
            for kind, key in keys.items()
            if (kind, key) in self.standings.known
        )
        return {"client_revision": gate.revision, "client_turn": gate.turn, "turns": turns}

    async def consent_now(self, app, *, tenant=None, user=None, **fields):
        """A consent after auth has looked at how everything stands."""
        whose = {"tenant": tenant or app.gate.tenant, "user": user or self.new_id()}
        return await self.consent(app, **(whose | self.seen(app, **whose) | fields))

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
        grant = await self.consent_now(app, **fields)
        answer = await self.exchange(app, grant.code)
        assert answer.status == 200, answer.body
        return answer

    async def revoke(self, app, token, **fields):
        """The app asks for the end of a connection; the status and the JSON of an error."""
        form = {"token": token, "client_id": app.id, "client_secret": app.secret}
        async with self.http.post(f"{self.served.public_url}/oauth/revoke", data=_form(form | fields)) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def api(self, method, path, token=None, **params):
        """Ask the management API as a bearer; the status and the body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.served.public_url + path
        async with self.http.request(method, url, params=params, headers=headers) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else {}, dict(response.headers))

    async def at_console(self, method, path, person, workspace="", *, assertion=None, **params):
        """Ask as the console does for somebody; the status and the body."""
        given = self.actors.assertion("token", person, workspace) if assertion is None else assertion
        headers = {
            "Authorization": aiohttp.encode_basic_auth("console", credential("console")), ACTOR_HEADER: given,
        }  # fmt: skip
        url = self.served.internal_url + path
        async with self.http.request(method, url, params=params, headers=headers) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else {}, dict(response.headers))

    async def lease(self, token):
        """Wait until the service trusts its own feed, which takes a pull or two after the start."""

        async def answered():
            return (await self.api("GET", "/v1/connections", token)).status != 503

        await eventually(answered)

    async def feed(self):
        """Kind and key of everything that the feed tells, in order."""
        return [(row["kind"], row["key"]) for row in await self.sql("SELECT kind, key FROM feed ORDER BY number")]

    async def fed(self):
        """Keys of the connections that the feed calls dead, in order."""
        return [row["key"] for row in await self.sql("SELECT key FROM feed WHERE kind = 'connection' ORDER BY number")]

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

    async def told(self):
        """Every event."""
        rows = await self.sql("SELECT body FROM outbox ORDER BY created_at, id")
        return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]

    async def events(self, connection_id):
        """Events about a connection: type and data."""
        return [(one.type, msgspec.json.decode(one.data)) for one in await self.told() if one.subject == connection_id]

    async def event_types(self, connection_id):
        return [kind for kind, _ in await self.events(connection_id)]


def _form(fields):
    return [(name, value) for name, value in fields.items() if value is not None]


@pytest.fixture
def running_house(serving_service, database_url, database, peer, some_id):
    """Run a house; its service may reach the database by another way."""

    @contextlib.asynccontextmanager
    async def run(url=database_url, **settings):
        registry, permissions, standings = Registry(), Permissions(), Standings()
        actors = ActorSigner(ORIGIN, _CLOCK)
        async with (
            serving_owners(registry, permissions, standings, actors) as owners_url,
            serving_service(HEADS, database_url=Secret(url)) as heads,
            serving_service(
                DEFINITION,
                database_url=Secret(url),
                client_registry_url=owners_url,
                auth_url=owners_url,
                permissions_url=owners_url,
                heads_urls=heads.internal_url,
                **settings,
            ) as served,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            yield House(
                served, heads.internal_url, database, http, peer, registry, permissions, standings, actors, some_id
            )  # fmt: skip

    return run


@pytest.fixture
def beside(peer):
    """Another instance of a house's service: the same database and owners, and a memory of its own."""

    @contextlib.asynccontextmanager
    async def run(house):
        ports = {name: free_port() for name in ("port", "internal_port", "admin_port")}
        async with serve(DEFINITION, msgspec.structs.replace(house.served.settings, **ports)) as served:
            yield House(
                served, house.heads_url, house.database, house.http, peer, house.registry, house.permissions,
                house.standings, house.actors, house.new_id,
            )  # fmt: skip

    return run


@pytest_asyncio.fixture
async def house(running_house):
    async with running_house() as made:
        yield made


@pytest_asyncio.fixture
async def admin(house):
    """An app through which somebody manages connections, which is a connection too, and the answer with its token."""
    app = await house.app()
    tokens = await house.connected(app, resources=(f"{ORIGIN}/v1",))
    await house.lease(tokens.body["access_token"])
    return app, tokens
