"""The audit service with a streams server in operator mode, and programs of customers that read from it."""

import asyncio
import base64
import contextlib
import datetime as dt

import msgspec
import pytest
from nats.aio.client import Client, RawCredentials
from nats.errors import Error
from nats.js.errors import APIError

from latchkey_audit.__main__ import DEFINITION
from latchkey_audit.streams import server_config
from latchkey_audit.streams.keys import Keys
from latchkey_embedded import Nats
from latchkey_kit import db
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import MASTER_KEY
from latchkey_verify.testing import TENANT, rights

PATH = "/v1/audit-consumers"
_MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_MANAGER = {"auditconsumer": ["create", "view", "update", "remove"], "auditlog": ["view", "export"]}


@pytest.fixture
def keys():
    return Keys(base64.b64decode(MASTER_KEY))


@pytest.fixture
async def streams_server(tmp_path, keys):
    config = server_config.text(keys, str(tmp_path / "accounts"), _MADE)
    async with Nats(tmp_path / "streams", config=config) as server:
        yield server


@pytest.fixture
def serving_audit(serving_service, clock, owners, streams_server):
    owners.rights = rights(_MANAGER, _MANAGER, _MANAGER)

    def serving(**settings):
        given = {"streams_url": streams_server.url} | settings
        return serving_service(
            DEFINITION, clock=clock, heads_urls=owners.url, permissions_url=owners.url, auth_url=owners.url, **given
        )

    return serving


@pytest.fixture
async def audit(serving_audit):
    async with serving_audit() as served:
        await served.ready()
        yield served


@pytest.fixture
async def log(audit):
    """Ask the service's database for one value."""
    async with db.connect(audit.settings.database_url.reveal()) as database:

        async def ask(question, *values):
            async with database.connection() as connection:
                return await connection.fetchval(question, *values)

        yield ask


@pytest.fixture
def recorded(log):
    """Wait until the log of a tenant has so many entries at least."""

    async def wait(count, tenant=TENANT):
        await eventually(lambda: log("SELECT position >= $2 FROM chain WHERE tenant_id = $1", tenant, count))

    return wait


@pytest.fixture
def ask(audit, owners, http):
    """A request of a tenant's admin: status and body."""

    async def ask(method, path="", *, tenant=None, at=None, **given):
        token = owners.issuers[0].mint(**({"tid": tenant} if tenant else {}))
        url = f"{(at or audit).public_url}{PATH}{path}"
        async with http.request(method, url, headers={"Authorization": f"Bearer {token}"}, **given) as response:
            body = await response.read()
            return response.status, msgspec.json.decode(body) if body else None

    return ask


@pytest.fixture
def make_consumer(ask, log):
    """Make one, and wait until the log tells of it."""

    async def make(name="siem", *, tenant=None, since=None):
        wanted = {"name": name} | ({"since": since} if since else {})

        async def served():
            status, body = await ask("POST", json=wanted, tenant=tenant)
            return status != 503 and (status, body)  # a loaded machine asks to come again

        status, made = await eventually(served)
        assert (status, made["pending"]) == (201, False), made
        told = "SELECT EXISTS (SELECT FROM event WHERE action = 'auditconsumer.created' AND entity_id = $1)"
        await eventually(lambda: log(told, made["id"]))
        return made

    return make


class Reader:
    """A customer's program."""

    def __init__(self, client, subscription):
        self.client = client
        self.subscription = subscription

    async def next(self, count, *, ack=True, patience=20):
        """So many messages, or as many as come in time."""
        messages, loop = [], asyncio.get_running_loop()
        end = loop.time() + patience
        while len(messages) < count and (left := end - loop.time()) > 0:
            with contextlib.suppress(TimeoutError, APIError):  # an error: the durable was made anew meanwhile
                some = await self.subscription.fetch(min(count - len(messages), 256), timeout=left)
                if ack:
                    await asyncio.gather(*(message.ack_sync() for message in some))
                messages += some
        return messages

    async def nothing(self):
        """Whether nothing waits."""
        return not await self.next(1, patience=0.5)


async def signed_in(client, consumer, **options):
    """Connect with a consumer's credentials."""
    credentials = RawCredentials(consumer["credentials"]) if consumer.get("credentials") else None
    await client.connect(consumer["url"], user_credentials=credentials, **options)


@pytest.fixture
def refused():
    """Whether the server lets a consumer's program in no more."""

    async def ask(consumer):
        client = Client()
        try:
            await signed_in(client, consumer, allow_reconnect=False, max_reconnect_attempts=1, error_cb=_quietly)
        except Error:
            return True
        finally:
            await client.close()
        return False

    return ask


async def _quietly(_error):
    pass


@pytest.fixture
async def reading():
    """Connect as a consumer's program does; all are closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def read(consumer, **options):
            client = Client()
            stack.push_async_callback(client.close)
            await signed_in(client, consumer, **options)
            subscription = await client.jetstream().pull_subscribe_bind(consumer["durable"], stream=consumer["stream"])
            return Reader(client, subscription)

        yield read


@pytest.fixture
def positions():
    return lambda messages: [int(message.headers["Lk-Position"]) for message in messages]
