"""The life of a service process: read settings, serve on two ports, stop gracefully."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn

import asyncpg
import msgspec
import structlog
import uvloop
from aiohttp import web

from latchkey_kit import logs
from latchkey_kit.clock import Clock, SystemClock
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_kit.migrate import MigrationError, migrate
from latchkey_kit.sealing import SealError
from latchkey_kit.settings import SettingsError, load
from latchkey_kit.web.application import application
from latchkey_kit.web.health import Check, Health
from latchkey_kit.web.middleware import ErrorPage
from latchkey_kit.web.routes import Route

_LONGEST_LINE = 128 * 1024
"""Bytes of a header, or of the request line.

What is merely absurd, such as a token of 64 kB, is refused by the handler, in the format of its route.
"""
log = structlog.get_logger()


class Surface(msgspec.Struct, frozen=True, kw_only=True):
    """What a service shows: routes behind the gateway, routes for other services, readiness checks."""

    public: tuple[Route, ...] = ()
    internal: tuple[Route, ...] = ()
    checks: Mapping[str, Check] = {}
    error_page: ErrorPage | None = None


Running = Callable[[Any, Clock, Entropy], AbstractAsyncContextManager[Surface]]
"""A service's wiring: opens what it needs for the time of the block, and yields its surface."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A service. ``package`` holds its migrations; ``None`` for one without state."""

    name: str
    settings: type[msgspec.Struct]
    running: Running
    package: str | None = None

    @property
    def components(self) -> tuple[str, ...]:
        return ("latchkey_kit", self.package) if self.package else ()


def main(definition: Definition) -> NoReturn:
    """Run the command line: ``serve`` or ``migrate``."""
    parser = argparse.ArgumentParser(prog=f"latchkey-{definition.name}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("serve", help="serve requests until SIGTERM")
    if definition.package:
        verbs.add_parser("migrate", help="bring the database to this release")
    verb = parser.parse_args().verb
    try:
        settings: Any = load(definition.settings, os.environ)
    except SettingsError as error:
        sys.exit("\n".join([f"latchkey-{definition.name} cannot start:", *(f"  {one}" for one in error.problems)]))
    logs.configure(definition.name, settings.log_level, settings.log_format)
    job = _serve(definition, settings) if verb == "serve" else _migrate(definition, settings)
    try:
        uvloop.run(job)
    except (MigrationError, SealError) as error:
        sys.exit(f"latchkey-{definition.name}: {error}")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"latchkey-{definition.name} cannot start: {type(error).__name__}: {error}")
    sys.stdout.flush()
    os._exit(0)  # everything is closed; taking the interpreter apart can last longer than the stop itself


async def _migrate(definition: Definition, settings: Any) -> None:
    await migrate(settings.database_url.reveal(), definition.components)


async def _serve(definition: Definition, settings: Any) -> None:
    if definition.package and settings.migrate_on_start:
        await _migrate(definition, settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(definition, settings, SystemClock(), SystemEntropy()) as health:
        log.info("serving", port=settings.port, internal_port=settings.internal_port)
        await stop.wait()
        health.stopping = True
    log.info("stopped")


@contextlib.asynccontextmanager
async def serving(definition: Definition, settings: Any, clock: Clock, entropy: Entropy) -> AsyncIterator[Health]:
    """Serve both ports for the time of the block; what is under way is finished at the end of it."""
    async with definition.running(settings, clock, entropy) as surface:
        health = Health(surface.checks)
        inside = (*surface.internal, *health.routes())
        public = application(surface.public, clock, entropy, error_page=surface.error_page)
        internal = application(inside, clock, entropy, callers=settings.internal_callers)
        async with _site(public, settings.host, settings.port), _site(internal, settings.host, settings.internal_port):
            yield health


@contextlib.asynccontextmanager
async def _site(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=2,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
        auto_decompress=False,  # the middleware refuses what is packed; unpacking can fail before any handler is asked
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
