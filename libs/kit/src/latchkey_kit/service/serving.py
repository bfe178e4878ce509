"""Serving: the admin port first, the others when the service can do its work, and a graceful stop."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import structlog
from aiohttp import web

from latchkey_kit.clock import Clock, SystemClock
from latchkey_kit.db import will_pass
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_kit.service.definition import Definition, Surface
from latchkey_kit.service.schema import schema_ready
from latchkey_kit.web.application import application
from latchkey_kit.web.health import Health

_LONGEST_LINE = 128 * 1024
"""Bytes of a header, or of the request line.

What is merely absurd, such as a token of 64 kB, is refused by the handler, in the format of its route.
"""
_PAUSE_SECONDS = 0.5
_GARBAGE_AFTER = 20_000
"""Objects made and not freed until the youngest are looked through; most are freed without that, by their count."""
log = structlog.get_logger()


async def serve(definition: Definition, settings: Any) -> None:
    """Serve until SIGTERM or SIGINT; they also end a start that still waits for something."""
    up, stop, task = False, asyncio.Event(), asyncio.current_task()

    def end() -> None:
        stop.set()
        if task is not None and not up:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    try:
        async with serving(definition, settings, SystemClock(), SystemEntropy()) as health:
            up = True
            _settle_memory()
            log.info("serving", verb=definition.verb)
            await stop.wait()
            health.stopping = True
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    log.info("stopped")


def _settle_memory() -> None:
    """What the start has made stays; to look through it again and again for garbage would cost a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)


@contextlib.asynccontextmanager
async def serving(definition: Definition, settings: Any, clock: Clock, entropy: Entropy) -> AsyncIterator[Health]:
    """Serve for the time of the block, which begins when the service can work; what is under way is then finished."""
    health = Health()
    async with AsyncExitStack() as stack:
        admin = application(health.routes(), clock, entropy)
        await stack.enter_async_context(_site(admin, settings.host, settings.admin_port))
        if definition.package:
            await schema_ready(definition, settings, health)
        surface = await _running(definition, settings, clock, entropy, health, stack)
        if surface.public:
            public = application(surface.public, clock, entropy, error_page=surface.error_page)
            await stack.enter_async_context(_site(public, settings.host, settings.port))
        if surface.internal:
            internal = application(surface.internal, clock, entropy, callers=settings.internal_callers)
            await stack.enter_async_context(_site(internal, settings.host, settings.internal_port))
        health.started(surface.checks)
        yield health


async def _running(
    definition: Definition, settings: Any, clock: Clock, entropy: Entropy, health: Health, stack: AsyncExitStack
) -> Surface:
    """Enter the service's wiring; what it needs may go away just then, and is waited for."""
    while True:
        try:
            return await stack.enter_async_context(definition.running(settings, clock, entropy))
        except Exception as error:
            if not will_pass(error):
                raise
            health.waiting(f"what it needs went away while it started: {type(error).__name__}")
            log.warning("start_interrupted", reason=type(error).__name__)
        await asyncio.sleep(_PAUSE_SECONDS)


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
