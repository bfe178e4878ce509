"""Fixtures: real parts once per pytest process, everything else fresh for each test.

================  =====================================================================================
``postgres``      address of PostgreSQL's superuser; started on first use, once per process
``nats``          address of NATS, with a new, empty stream ``LATCHKEY`` for this test, and its consumers
``make_database`` ``make_database("latchkey_token") -> url``: a new database with kit's and the package's migrations
``http``          an ``aiohttp.ClientSession``
``peer``          ``peer("auth", url) -> Peer``: asks the service at ``url`` as that caller
``serving_service``  ``async with serving_service(DEFINITION, token_url=…) as served``: a service on free ports
================  =====================================================================================

A fixture of session or module scope that needs NATS takes ``nats_server``, which has no stream.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import aiohttp
import msgspec
import nats as nats_client
import pytest
import pytest_asyncio
from nats.js.api import ConsumerConfig

from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.bus import STREAM
from latchkey_kit.requests import Peer
from latchkey_kit.service import Definition
from latchkey_kit.settings import Secret
from latchkey_kit.testing import parts
from latchkey_kit.testing.background import Background
from latchkey_kit.testing.databases import Databases
from latchkey_kit.testing.services import Served, credential, serve, settings_for

MakeDatabase = Callable[..., str]


def pytest_report_header() -> str:
    where = "containers" if parts.docker_answers() else "wheels (no Docker engine answers)"
    return f"latchkey: PostgreSQL and NATS from {where}"


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres(background: Background) -> Iterator[str]:
    with _running(background, parts.postgres()) as url:
        yield url


@pytest.fixture(scope="session")
def nats_server(background: Background) -> Iterator[str]:
    with _running(background, parts.nats_server()) as url:
        yield url


@contextlib.contextmanager
def _running(background: Background, part: AbstractAsyncContextManager[str]) -> Iterator[str]:
    stack = AsyncExitStack()
    yield background.run(stack.enter_async_context(part))
    background.run(stack.aclose())


@pytest.fixture(scope="session")
def consumers() -> dict[str, list[str]]:
    """Durable consumers that the deployment makes with the stream, name → filters; a conftest says which."""
    return {}


@pytest.fixture
def nats(background: Background, nats_server: str, consumers: dict[str, list[str]]) -> str:
    background.run(_new_stream(nats_server, consumers))
    return nats_server


async def _new_stream(url: str, consumers: dict[str, list[str]]) -> None:
    client = await nats_client.connect(url)
    try:
        streams = client.jetstream(timeout=30)
        with contextlib.suppress(nats_client.js.errors.NotFoundError):
            await streams.delete_stream(STREAM)
        await _add_stream(streams)
        for name, subjects in consumers.items():
            config = ConsumerConfig(name=name, durable_name=name, filter_subjects=subjects, ack_wait=10)
            await streams.add_consumer(STREAM, config)
    finally:
        await client.close()


async def _add_stream(streams: nats_client.js.JetStreamContext) -> None:
    for left in reversed(range(100)):
        try:
            await streams.add_stream(name=STREAM, subjects=["lk.v1.>"], allow_atomic=True)
        except nats_client.js.errors.ServerError:  # the server still removes the files of the stream before it
            if not left:
                raise
            await asyncio.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def databases(background: Background, postgres: str) -> Databases:
    return Databases(background, postgres)


@pytest.fixture
def make_database(databases: Databases) -> Iterator[MakeDatabase]:
    made: list[str] = []

    def make(*packages: str) -> str:
        components = tuple(dict.fromkeys(("latchkey_kit", *packages)))
        made.append(databases.make(components))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def peer(http: aiohttp.ClientSession) -> Callable[[str, str], Peer]:
    return lambda caller, url: Peer(http, url, caller, credential(caller))


@pytest.fixture
def serving_service(
    request: pytest.FixtureRequest, make_database: MakeDatabase
) -> Callable[..., AbstractAsyncContextManager[Served]]:
    def serving(
        definition: Definition, *, clock: Clock | None = None, entropy: Entropy | None = None, **settings: Any
    ) -> AbstractAsyncContextManager[Served]:
        fields = {field.name for field in msgspec.structs.fields(definition.settings)}
        if definition.package and "database_url" not in settings:
            settings["database_url"] = Secret(make_database(definition.package))
        if "nats_url" in fields and "nats_url" not in settings:
            settings["nats_url"] = request.getfixturevalue("nats")
        return serve(definition, settings_for(definition, **settings), clock, entropy)

    return serving
