"""From a replayed refresh token to a customer's program: how long until a stream consumer holds `token.reused`."""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import machine
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from table import Figure

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials, call

sys.path.insert(0, str(Path(__file__).parents[1] / "actors"))
from stacks import folder_for_a_stack

ROUNDS = 60
AIM = 50
_ADMIN, _APP, _PERSON = "admin-cli", "sync-demo", "carly@acme.test"
_PATIENCE = 10
_PULL = b'{"batch": 10000, "expires": 600000000000}'


class Consumer:
    """A program that reads a tenant's stream, and notes when it had word of a reuse."""

    def __init__(self, client: Client, durable: str) -> None:
        self._client = client
        self._durable = durable
        self._had: dict[str, asyncio.Future[float]] = {}

    async def read(self) -> None:
        inbox = self._client.new_inbox()
        await self._client.subscribe(inbox, cb=self._heard)
        await self._client.publish(f"$JS.API.CONSUMER.MSG.NEXT.AUDIT.{self._durable}", _PULL, inbox)

    async def had(self, connection: str) -> float:
        async with asyncio.timeout(_PATIENCE):
            return await self._about(connection)

    async def _heard(self, message: Msg) -> None:
        now = time.perf_counter()
        event = json.loads(message.data or b"{}")
        if event.get("type") == "token.reused":
            self._about(event["subject"]).set_result(now)
        if event:
            await message.ack()

    def _about(self, connection: str) -> asyncio.Future[float]:
        return self._had.setdefault(connection, asyncio.get_running_loop().create_future())


async def measure() -> list[Figure]:
    """Run the whole house on this machine; replay a token, again and again."""
    os.sched_setaffinity(0, machine.CORES)  # what is started inherits it
    with folder_for_a_stack() as stack:
        await asyncio.to_thread(stack.up)
        demo = json.loads((stack.home / "demo.json").read_text())
        async with (
            aiohttp.ClientSession() as http,
            Browser(_PERSON, demo["users"][_PERSON]["password"]) as person,
            _consuming(http, demo, person) as consumer,
        ):
            app = _app(http, demo, _APP)
            times = [await _once(app, demo["origin"], person, consumer) for _ in range(ROUNDS)]
    times = sorted(1000 * one for one in times[1:])  # the first one warms
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    note = f"{len(times)} replays; from sending the request; load {os.getloadavg()[0]:.1f}"
    return [
        Figure("from a reuse to a stream consumer: p50", f"{p50:.1f} ms", f"<= {AIM} ms", note),
        Figure("from a reuse to a stream consumer: p99", f"{p99:.1f} ms", f"<= {AIM} ms"),
    ]


def _app(http: aiohttp.ClientSession, demo: dict, name: str) -> App:
    known = demo["clients"][name]
    return App(http, demo["origin"], Credentials(client_id=known["client_id"], client_secret=known["client_secret"]))


@contextlib.asynccontextmanager
async def _consuming(http: aiohttp.ClientSession, demo: dict, person: Browser) -> AsyncIterator[Consumer]:
    """Make a consumer as the tenant's admin, and read as it."""
    origin = demo["origin"]
    admin = await _app(http, demo, _ADMIN).connect(person, resources=(f"{origin}/v1",))
    status, made = await call(http, "POST", f"{origin}/v1/audit-consumers", admin.access_token, {"name": "bench"})
    if status != 201:
        raise RuntimeError(f"{status}: {made}")
    with tempfile.NamedTemporaryFile("w", suffix=".creds") as file:
        file.write(made["credentials"])
        file.flush()
        client = await nats.connect(made["url"], user_credentials=file.name, inbox_prefix=made["inbox_prefix"])
    try:
        consumer = Consumer(client, made["durable"])
        await consumer.read()
        yield consumer
    finally:
        await client.close()


async def _once(app: App, origin: str, person: Browser, consumer: Consumer) -> float:
    held = await app.connect(person, resources=(f"{origin}/v1",))
    newest = held.refresh_token
    for _ in range(2):
        status, body = await app.refresh(newest)
        if status != 200:
            raise RuntimeError(f"{status}: {body}")
        newest = body["refresh_token"]
    begun = time.perf_counter()
    await app.refresh(held.refresh_token)
    return await consumer.had(held.connection) - begun
