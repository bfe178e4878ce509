"""The audit service on real PostgreSQL and NATS, before owners that answer what the test says."""

import datetime as dt
import json

import aiohttp
import msgspec
import nats as nats_client
import pytest

from latchkey_audit.__main__ import DEFINITION
from latchkey_audit.store import log
from latchkey_contracts.events import CloudEvent, subject
from latchkey_contracts.events.auth import UserSignedIn
from latchkey_contracts.events.tellers import tellers
from latchkey_kit import db
from latchkey_kit.entropy import new_id
from latchkey_kit.messaging.effects import Delivery
from latchkey_kit.testing import ManualClock, SeededEntropy
from latchkey_kit.testing.services import ORIGIN
from latchkey_verify.testing import TENANT, USER, Issuer, Owners, rights

AUDITOR = {"auditlog": ["view", "export"]}


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def owners(clock):
    made = Owners(Issuer(ORIGIN, f"{ORIGIN}/v1", clock))
    made.rights = rights(AUDITOR, AUDITOR, AUDITOR)
    async with made.serving():
        yield made


@pytest.fixture
async def audit(serving_service, clock, owners):
    async with serving_service(
        DEFINITION, clock=clock, heads_urls=owners.url, permissions_url=owners.url, auth_url=owners.url
    ) as served:
        await served.ready()
        yield served


@pytest.fixture
def read(audit, owners, http):
    """`GET /v1/audit-events` as the tenant's auditor: status and body, without what tells of the reading itself."""

    async def ask(token=None, **params):
        headers = {"Authorization": f"Bearer {token or owners.issuers[0].mint()}"}
        async with http.get(f"{audit.public_url}/v1/audit-events", params=params, headers=headers) as response:
            body = await response.json(content_type=None)
        if response.status == 200:
            body["data"] = [entry for entry in body["data"] if entry["action"] != "auditlog.viewed"]
        return response.status, body

    return ask


@pytest.fixture
def make_event():
    """Events on a clock of their own: the verifier's lease must not run out."""
    clock, entropy = ManualClock(), SeededEntropy(7)

    def make(kind="user.signed_in", *, tenant=TENANT, user=USER, client=None, after=0, agent=None):
        clock.advance(after)
        return CloudEvent(
            id=new_id(clock, entropy), source=tellers(kind)[0], type=kind, subject=user, time=clock.now(),
            tenantid=tenant, userid=user, clientid=client, agent=agent,
            data=msgspec.Raw(msgspec.json.encode(UserSignedIn(user=user))),
        )  # fmt: skip

    return make


@pytest.fixture
async def publish(nats):
    client = await nats_client.connect(nats)
    stream = client.jetstream()

    async def send(*events):
        for event in events:
            name = subject(event.type, event.subject, event.tenantid)
            await stream.publish(name, msgspec.json.encode(event))

    yield send
    await client.close()


@pytest.fixture
def day():
    return dt.timedelta(days=1).total_seconds()


@pytest.fixture
def fact():
    """Events of any content. Ids tell their time, as all do; ``at`` is in seconds since the first."""
    entropy = SeededEntropy(11)
    begin = ManualClock().now()

    def make(kind="user.signed_in", *, tenant=TENANT, at=0.0, details=None, subject="x", **envelope):
        clock = ManualClock()
        clock.advance(at)
        return CloudEvent(
            id=new_id(clock, entropy), source="auth", type=kind, subject=subject, time=begin + dt.timedelta(seconds=at),
            tenantid=tenant, data=msgspec.Raw(msgspec.json.encode(details or {})), **envelope,
        )  # fmt: skip

    return make


@pytest.fixture
async def record(audit):
    """Append events to the log, as ingest does."""
    async with db.connect(audit.settings.database_url.reveal()) as database:

        async def append(*events):
            for first in range(0, len(events), 500):
                deliveries = [Delivery(one, msgspec.json.encode(one)) for one in events[first : first + 500]]
                async with database.transaction() as connection:
                    await log.add(connection, [log.coming(one) for one in deliveries], kept=12)

        yield append


@pytest.fixture
def ask(audit, owners, http):
    """GET any path as the tenant's auditor: status, headers and body."""

    async def get(path, token=None, headers=None, **params):
        sent = {"Authorization": f"Bearer {token or owners.issuers[0].mint()}"} | (headers or {})
        async with http.get(f"{audit.public_url}{path}", params=params, headers=sent) as response:
            return response.status, response.headers, await response.read()

    return get


class Ear:
    """One open stream, as a browser hears it; ``last`` is the id to come back with."""

    def __init__(self, response):
        self.response = response
        self.last = None
        self.comments = []

    async def hear(self):
        """The next event that has data; ``None`` at the end."""
        while line := await self.response.content.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.last = int(value)
            elif line.startswith(b":"):
                self.comments.append(value)
            elif name == "data":
                return json.loads(value)
        return None

    async def hear_all(self, count):
        return [await self.hear() for _ in range(count)]

    async def begun(self):
        """Wait until it is open and says from where it goes on."""
        while self.last is None and (line := await self.response.content.readline()):
            if line.startswith(b"id: "):
                self.last = int(line[4:])
        return self


@pytest.fixture
async def listen(audit, owners):
    """Open a stream."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        open_ones = []

        async def begin(token=None, headers=None, url=None, **params):
            sent = {"Authorization": f"Bearer {token or owners.issuers[0].mint()}"} | (headers or {})
            at = f"{url or audit.public_url}/v1/audit-events/stream"
            open_ones.append(await session.get(at, params=params, headers=sent))
            return Ear(open_ones[-1])

        yield begin
        for one in open_ones:
            one.close()
