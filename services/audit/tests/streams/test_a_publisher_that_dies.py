"""Killed between the stream's word and its own note of it, the publisher still sends each entry once."""

import asyncio
import contextlib
import signal
import sys
from types import SimpleNamespace

import msgspec
import pytest

from latchkey_audit.__main__ import DEFINITION
from latchkey_kit.clock import SystemClock
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import settings_for
from latchkey_verify.testing import rights

MANAGER = {"auditconsumer": ["create", "view", "update", "remove"]}


@pytest.fixture
def clock():
    return SystemClock()


@pytest.fixture
async def audit(make_database, nats, owners, streams_server, http):
    """The service as a process, which ``start`` starts again."""
    owners.rights = rights(MANAGER, MANAGER, MANAGER)
    settings = settings_for(
        DEFINITION, database_url=Secret(make_database("latchkey_audit")), nats_url=nats, heads_urls=owners.url,
        permissions_url=owners.url, auth_url=owners.url, streams_url=streams_server.url, local_mode=True,
    )  # fmt: skip

    async def ready():
        with contextlib.suppress(OSError):
            async with http.get(f"http://127.0.0.1:{settings.admin_port}/readyz") as response:
                return response.status == 200

    async with contextlib.AsyncExitStack() as stack:

        async def start(crash_at=""):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "latchkey_audit", "serve",
                env=environment(settings) | {"CRASH_AT": crash_at}, stdout=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            stack.push_async_callback(end, child)
            await eventually(ready)
            return child

        yield SimpleNamespace(public_url=f"http://127.0.0.1:{settings.port}", settings=settings, start=start)


def environment(settings):
    values = msgspec.structs.asdict(settings)
    return {name.upper(): text(value) for name, value in values.items()}


def text(value):
    if isinstance(value, Secret):
        return value.reveal()
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def end(child):
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    await child.wait()


async def test_each_entry_comes_once_and_in_order(
    audit, make_consumer, publish, make_event, reading, recorded, positions
):
    dying = await audit.start("after_streaming:4")
    consumer, sent = await make_consumer(), 0
    while dying.returncode is None:
        await publish(make_event())
        sent += 1
        await asyncio.wait([asyncio.ensure_future(dying.wait())], timeout=0.1)
    assert dying.returncode == -signal.SIGKILL
    await publish(*(make_event() for _ in range(3)))
    await audit.start()
    await recorded(sent + 4)
    reader = await reading(consumer)
    seen = positions(await reader.next(sent + 4) + await reader.next(50, patience=1))
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= sent + 4  # the service that begins tells of a checkpoint, too
