"""A database, a bus and an outbox, each open for one test."""

import pytest
import pytest_asyncio

from latchkey_contracts.events.client import ClientUpdated
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.messaging import bus as nats_bus
from latchkey_kit.messaging.outbox import Outbox


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
