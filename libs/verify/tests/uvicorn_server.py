"""uvicorn, as it serves ASGI applications everywhere."""

import asyncio
import contextlib
import socket

import uvicorn

from latchkey_kit.testing import eventually


@contextlib.asynccontextmanager
async def serving(app):
    """Serve on a free port for the time of the block; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, lifespan="on", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await eventually(lambda: server.started or running.done())
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
