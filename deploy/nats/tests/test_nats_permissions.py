"""Each NATS user may say only what is its own to say, and hear only what it needs."""

import asyncio
import contextlib
import functools
import re
import subprocess
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig

from latchkey_embedded import Nats
from latchkey_embedded.programs import program

CONFIG = Path(__file__).parents[1] / "server.conf"
PASSWORDS = {
    name: f"pw_{number}e4" for number, name in enumerate(re.findall(r"\$(LATCHKEY_NATS_\w+)", CONFIG.read_text()))
}
SERVICES = ("auth", "token", "client-registry", "permissions", "audit", "edge", "records", "mcp")
OWN = {
    "auth": ("user", "tenant", "member", "consent"),
    "token": ("grant", "token", "connection"),
    "client-registry": ("client",),
    "permissions": ("role", "ceiling", "catalogue"),
    "audit": (),
    "edge": (),
    "records": ("record",),
    "mcp": (),
}
AGGREGATES = sorted(word for words in OWN.values() for word in words)


def test_the_configuration_is_whole():
    command = [program("nats-server"), "--config", CONFIG, "-t"]
    result = subprocess.run(command, env=PASSWORDS, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    assert result.returncode == 0, result.stderr


@pytest.fixture
async def server(tmp_path) -> AsyncIterator[Nats]:
    async with Nats(tmp_path, CONFIG.read_text(), PASSWORDS) as running:
        async with user(running, "deploy") as (client, _):
            stream = tomllib.loads((CONFIG.parent / "stream.toml").read_text())
            await client.jetstream().add_stream(name=stream["name"], subjects=stream["subjects"])
        yield running


@contextlib.asynccontextmanager
async def user(server: Nats, name: str) -> AsyncIterator[tuple[Client, asyncio.Queue[str]]]:
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def heard(error: Exception) -> None:
        refusals.put_nowait(str(error).lower())

    client = await nats.connect(
        server.url, user=name, password=PASSWORDS[f"LATCHKEY_NATS_{name.upper().replace('-', '_')}"],
        inbox_prefix=f"_INBOX_{name}", error_cb=heard,
    )  # fmt: skip
    try:
        yield client, refusals
    finally:
        await client.close()


async def refused(refusals: asyncio.Queue[str], attempt: Callable[[], Awaitable[object]]) -> str:
    """Make the attempt and return what the server says about it."""
    waiting = asyncio.ensure_future(attempt())
    try:
        return await asyncio.wait_for(refusals.get(), 5)
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, NatsTimeoutError, NoRespondersError):
            await waiting


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_publishes_its_own_facts_and_no_others(server, name):
    async with user(server, name) as (client, refusals):
        for word in AGGREGATES:
            subject = f"lk.v1.acme.{word}.id1.happened"
            if word in OWN[name]:
                assert (await client.jetstream().publish(subject, b"{}")).stream == "LATCHKEY"
            else:
                assert subject in await refused(refusals, functools.partial(client.publish, subject, b"{}"))


async def test_only_token_speaks_on_the_feed(server):
    for name in set(SERVICES) - {"token"}:
        async with user(server, name) as (client, refusals):
            attempt = functools.partial(client.publish, "lk.feed", b"kill")
            assert 'publish to "lk.feed"' in await refused(refusals, attempt)


async def test_every_verifier_hears_the_feed(server):
    for name in set(SERVICES) - {"auth"}:
        async with user(server, name) as (verifier, _), user(server, "token") as (token, _):
            feed = await verifier.subscribe("lk.feed")
            await verifier.flush()
            await token.publish("lk.feed", b"kill")
            assert (await feed.next_msg(5)).data == b"kill"


async def test_nobody_listens_in(server):
    for name in SERVICES:
        async with user(server, name) as (client, refusals):
            for subject in ("lk.v1.>", "_INBOX_deploy.>", "_INBOX.>", "$JS.>", ">"):
                assert "subscription" in await refused(refusals, lambda subject=subject: client.subscribe(subject))


@pytest.mark.parametrize(("name", "filter_subject"), [("audit", "lk.v1.>"), ("token", "lk.v1.*.client.>")])
async def test_a_consumer_reads_and_confirms_its_own_filter(server, name, filter_subject):
    async with user(server, "client-registry") as (registry, _):
        await registry.jetstream().publish("lk.v1.acme.client.id1.secret_rotated", b"{}")
    async with user(server, name) as (client, _):
        stream = client.jetstream()
        config = ConsumerConfig(name=name, durable_name=name, filter_subject=filter_subject)
        await stream.add_consumer("LATCHKEY", config)
        reader = await stream.pull_subscribe_bind(name, "LATCHKEY")
        [message] = await reader.fetch(1, timeout=5)
        await message.ack_sync()
        assert (await stream.consumer_info("LATCHKEY", name)).ack_floor.stream_seq == 1


async def test_token_cannot_widen_its_filter(server):
    async with user(server, "token") as (client, refusals):
        config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.>")
        answer = await refused(refusals, lambda: client.jetstream().add_consumer("LATCHKEY", config))
        assert "permissions violation" in answer


async def test_no_service_rules_the_stream(server):
    calls = (
        "STREAM.DELETE.LATCHKEY", "STREAM.PURGE.LATCHKEY", "STREAM.UPDATE.LATCHKEY", "STREAM.MSG.GET.LATCHKEY",
        "STREAM.CREATE.OTHER", "CONSUMER.DELETE.LATCHKEY.audit", "CONSUMER.CREATE.LATCHKEY.spy.lk.v1.>",
        "CONSUMER.DURABLE.CREATE.LATCHKEY.token", "DIRECT.GET.LATCHKEY",
    )  # fmt: skip
    for name in SERVICES:
        async with user(server, name) as (client, refusals):
            for call in calls:
                attempt = functools.partial(client.request, f"$JS.API.{call}", b"{}")
                assert "permissions violation" in await refused(refusals, attempt)
