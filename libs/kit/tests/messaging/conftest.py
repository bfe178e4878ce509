"""Processes to kill, on a database and a bus of their own."""

import sys
from pathlib import Path

import pytest_asyncio
from nats.js.api import ConsumerConfig

sys.path.insert(0, str(Path(__file__).parent))  # for `processes` and `conditions`

from processes import Processes


@pytest_asyncio.fixture
async def processes(make_database, nats, bus):
    made = Processes(make_database(), make_database(), nats)
    await made.ask("write", "CREATE TABLE operation (id text PRIMARY KEY)")
    await made.ask("read", "CREATE TABLE effect (id text NOT NULL, reader integer NOT NULL)")
    config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.*.client.>", ack_wait=1)
    streams = bus.client.jetstream(timeout=30)
    await streams.add_consumer("LATCHKEY", config)  # what a dead reader did not confirm comes again soon
    yield made
    await made.close()
