"""The streams server as it is configured, the audit service's two connections to it, and customers."""

import asyncio
import base64
import contextlib
import shutil
from dataclasses import dataclass

import pytest
from nats.aio.client import Client, RawCredentials
from nats.errors import Error
from nats.js.api import ConsumerConfig, StreamConfig

from latchkey_audit.streams import claims, server, server_config
from latchkey_audit.streams.keys import Keys
from latchkey_embedded import Nats
from latchkey_kit.clock import SystemClock

A, B = "a" * 32, "b" * 32


@dataclass
class Customer:
    """A connected program, and what the server refuses it."""

    client: Client
    refusals: "asyncio.Queue[str]"

    async def refused(self, attempt):
        """Make the attempt; returns the server's refusal. Fails when there is none."""
        waiting = asyncio.ensure_future(attempt())
        try:
            async with asyncio.timeout(20):
                return await self.refusals.get()
        finally:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Error):
                await waiting

    async def refused_to_publish(self, subject, body=b"{}"):
        said = await self.refused(lambda: self.client.publish(subject, body))
        assert f'permissions violation for publish to "{subject.lower()}"' in said


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
def keys():
    return Keys(bytes(range(32)))


@pytest.fixture
async def streams(tmp_path, keys, clock):
    """The server, started as the one-machine stack starts it."""
    text = server_config.text(keys, str(tmp_path / "streams" / "accounts"), clock.now())
    async with Nats(tmp_path / "streams", text) as running:
        yield running


@pytest.fixture
def wipe(streams):
    """Remove all that the server keeps."""

    def wiped():
        shutil.rmtree(streams.folder / "accounts")
        shutil.rmtree(streams.store)

    return wiped


@pytest.fixture
async def accounts(streams, keys, clock):
    async with server.ruling(streams.url, keys, clock) as ruler:
        await ruler._bus.up.wait()
        yield ruler


@pytest.fixture
async def platform(streams, keys, clock):
    """The platform's connection, with the stream and a durable for each of two consumers."""
    async with server.platform(streams.url, keys, clock) as bus:
        await bus.up.wait()
        await bus.jetstream.add_stream(StreamConfig(name=claims.STREAM, subjects=[f"{claims.SUBJECT}.>"]))
        for consumer in (A, B):
            config = ConsumerConfig(durable_name=consumer, filter_subject=f"audit.{consumer}", ack_policy="explicit")
            await bus.jetstream.add_consumer(claims.STREAM, config)
        yield bus


@pytest.fixture
async def admitted(accounts, platform, keys, clock):
    """Both consumers have an account."""
    for consumer in (A, B):
        await accounts.push(claims.consumer_account(keys, consumer, clock.now()))


@pytest.fixture
async def connect(streams, keys, clock):
    """``connect(A)``: a customer's program, by its credentials; all are closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def connect(consumer=A, **options):
            refusals = asyncio.Queue()

            async def heard(error):
                refusals.put_nowait(str(error).lower())

            options.setdefault("user_credentials", RawCredentials(claims.credentials(keys, consumer, clock.now())))
            client = Client()
            stack.push_async_callback(client.close)
            await client.connect(streams.url, error_cb=heard, allow_reconnect=False, **options)
            return Customer(client, refusals)

        yield connect


@pytest.fixture
def answering():
    """``answering(key)``: the callback that answers the server's challenge with that key."""
    return lambda key: lambda nonce: base64.b64encode(key.sign(nonce.encode()))
