"""A database, a bus and an outbox, each open for one test."""

import sys
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.api import ConsumerConfig

from latchkey_contracts.events.client import ClientUpdated
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging import bus as nats_bus
from latchkey_kit.messaging.outbox import Outbox

sys.path.insert(0, str(Path(__file__).parent))  # for `processes`

from processes import Processes


@pytest_asyncio.fixture
async def database(make_database):
    async with db.connect(make_database()) as database:
        yield database


@pytest_asyncio.fixture
async def bus(nats):
    async with nats_bus.connecting(nats, "", "", "client-registry") as bus:
        await bus.up.wait()
        yield bus


@pytest.fixture
def outbox():
    return Outbox("client-registry", SystemClock(), SystemEntropy())


@pytest.fixture
def make_event():
    def make(revision=1):
        client = new_id(SystemClock(), SystemEntropy())
        return ClientUpdated(client=client, changed=("name",), revision=revision)

    return make


@pytest_asyncio.fixture
async def processes(make_database, nats, bus):
    made = Processes(make_database(), make_database(), nats)
    await made.ask("write", "CREATE TABLE operation (id text PRIMARY KEY)")
    await made.ask("read", "CREATE TABLE effect (id text NOT NULL, reader integer NOT NULL)")
    config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.*.client.>", ack_wait=1)
    await bus.jetstream.add_consumer("LATCHKEY", config)  # what a dead reader did not confirm comes again soon
    yield made
    await made.close()
