"""The audit service on real PostgreSQL and NATS, before owners that answer what the test says."""

import datetime as dt

import msgspec
import nats as nats_client
import pytest

from latchkey_audit.__main__ import DEFINITION
from latchkey_contracts.events import CloudEvent, subject
from latchkey_contracts.events.auth import UserSignedIn
from latchkey_kit.entropy import new_id
from latchkey_kit.testing import ManualClock, SeededEntropy
from latchkey_kit.testing.services import ORIGIN
from latchkey_verify.testing import TENANT, USER, Issuer, Owners, rights

AUDITOR = {"auditlog": ["view"]}


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
    async with serving_service(DEFINITION, clock=clock, heads_urls=owners.url, permissions_url=owners.url) as served:
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
            id=new_id(clock, entropy), source="auth", type=kind, subject=user, time=clock.now(), tenantid=tenant,
            userid=user, clientid=client, agent=agent, data=msgspec.Raw(msgspec.json.encode(UserSignedIn(user=user))),
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
