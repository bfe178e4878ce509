"""A whole service on free ports, with settings that make sense for a test."""

import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from latchkey_embedded import free_port
from latchkey_kit.clock import Clock, SystemClock
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_kit.service import Definition, serving
from latchkey_kit.settings import Secret
from latchkey_kit.testing.waiting import eventually
from latchkey_kit.web.health import Health

ORIGIN = "https://api.latchkey.test"
"""Origin and issuer of every service in a test, whatever ports they serve on."""
NAMES = ("auth", "token", "client-registry", "permissions", "audit", "edge", "records", "mcp", "console", "operator")
MASTER_KEY = base64.b64encode(bytes(range(32))).decode()


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is up. ``settings`` is its own settings struct."""

    public_url: str
    internal_url: str
    admin_url: str
    settings: Any
    health: Health

    async def ready(self) -> None:
        """Wait until nothing is missing."""

        async def is_ready() -> bool:
            return not await self.health.missing()

        await eventually(is_ready)


def credential(caller: str) -> str:
    """The credential of a caller, as every service in a test knows it."""
    return f"{caller}-credential-for-tests"


def settings_for(definition: Definition, **given: Any) -> Any:
    """Fill in the settings of a service. What is given wins; fields that it does not have are left out."""
    usual = {
        "origin": ORIGIN,
        "host": "127.0.0.1",
        "port": free_port(),
        "internal_port": free_port(),
        "admin_port": free_port(),
        "internal_secret": Secret(credential(definition.name)),
        "internal_callers": {name: hashlib.sha256(credential(name).encode()).hexdigest() for name in NAMES},
        "database_pool": 4,
        "master_key": Secret(MASTER_KEY),
    }
    fields = {field.name for field in msgspec.structs.fields(definition.settings)}
    return definition.settings(**{name: value for name, value in usual.items() if name in fields} | given)


@contextlib.asynccontextmanager
async def serve(
    definition: Definition, settings: Any, clock: Clock | None = None, entropy: Entropy | None = None
) -> AsyncIterator[Served]:
    """Serve for the time of the block."""
    async with serving(definition, settings, clock or SystemClock(), entropy or SystemEntropy()) as health:
        yield Served(
            public_url=f"http://{settings.host}:{settings.port}",
            internal_url=f"http://{settings.host}:{settings.internal_port}",
            admin_url=f"http://{settings.host}:{settings.admin_port}",
            settings=settings,
            health=health,
        )
