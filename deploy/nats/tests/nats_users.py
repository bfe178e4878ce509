"""The server as it is deployed, and its users, for tests."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError

from latchkey_contracts.events import EVENTS, subject
from latchkey_contracts.events.tellers import TELLERS, subjects, tellers
from latchkey_embedded import Nats
from latchkey_kit.messaging import stream

FOLDER = Path(__file__).parents[1]
CONFIG = (FOLDER / "server.conf").read_text()
DEFINITION = stream.read(FOLDER / "stream.toml")
PASSWORDS = {name: f"pw_{number}e4" for number, name in enumerate(re.findall(r"\$(LATCHKEY_NATS_\w+)", CONFIG))}


@dataclass(frozen=True)
class Rights:
    """What a service may do beside telling its facts: the filters of its consumer, and the feed.

    Who tells facts (`latchkey_contracts.events.tellers`) is a source, and hears its receipts; ``confirms`` says who may
    send them.
    """

    reads: tuple[str, ...] = ()
    speaks_on_feed: bool = False
    confirms: bool = False


SERVICES = {
    "auth": Rights(),
    "token": Rights(
        (
            "lk.v1.*.client.>",
            "lk.v1.*.member.>",
            "lk.v1.*.tenant.>",
            "lk.v1.*.user.*.disabled",
            "lk.v1.*.user.*.enabled",
        ),
        speaks_on_feed=True,
        confirms=True,
    ),
    "client-registry": Rights(),
    "permissions": Rights(),
    "audit": Rights(reads=("lk.v1.>",), confirms=True),
    "records": Rights(),
    "edge": Rights(),
    "mcp": Rights(),
}
TYPES = sorted({name for name, _ in EVENTS})
AGGREGATES = sorted(name for name in TELLERS if "." not in name)
SOURCES = sorted(name for name in SERVICES if subjects(name))
CONFIRMING = sorted(name for name, rights in SERVICES.items() if rights.confirms)


def owned(name: str) -> list[str]:
    """The aggregates that are a service's."""
    return [word for word in AGGREGATES if name in TELLERS[word]]


def told(name: str) -> list[str]:
    """The types of event that a service may tell."""
    return [one for one in TYPES if name in tellers(one)]


def fact(event_type: str) -> str:
    return subject(event_type, "id1", "acme")


@dataclass
class User:
    """A connected user, and what the server refuses it."""

    name: str
    client: Client
    refusals: "asyncio.Queue[str]"

    async def refused(self, attempt: Callable[[], Awaitable[object]]) -> str:
        """Make the attempt; returns the server's refusal. Fails when there is none."""
        waiting = asyncio.ensure_future(attempt())
        try:
            async with asyncio.timeout(20):
                return await self.refusals.get()
        finally:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError, NatsTimeoutError, NoRespondersError, APIError):
                await waiting

    async def refused_to_publish(self, subject: str, body: bytes = b"{}") -> None:
        said = await self.refused(lambda: self.client.publish(subject, body))
        assert f'permissions violation for publish to "{subject.lower()}"' in said


async def start(folder: Path) -> Nats:
    server = Nats(folder, CONFIG, PASSWORDS)
    await server.start()
    return server


def password(name: str) -> str:
    return PASSWORDS[f"LATCHKEY_NATS_{name.upper().replace('-', '_')}"]


@contextlib.asynccontextmanager
async def user(server: Nats, name: str) -> AsyncIterator[User]:
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def heard(error: Exception) -> None:
        refusals.put_nowait(str(error).lower())

    client = await nats.connect(
        server.url, user=name, password=password(name), inbox_prefix=f"_INBOX_{name}", error_cb=heard
    )
    try:
        yield User(name, client, refusals)
    finally:
        await client.close()
