"""The other services, as far as the token service asks them here: they answer at once, and always the same."""

import contextlib
from collections.abc import AsyncIterator

import msgspec
from aiohttp import web

from latchkey_contracts.requests.permissions import PermissionsResolve, Resolution
from latchkey_contracts.requests.standing import StandingAnswer, StandingGet, StandingList, StandingPage
from latchkey_embedded import free_port

_GRANTED = Resolution(document="d1" * 32, scope=("company:view", "company:update"))
_ANSWERS: dict[str, msgspec.Struct] = {
    PermissionsResolve.path: _GRANTED,
    StandingGet.path: StandingAnswer(),
    StandingList.path: StandingPage(epoch="bench", sequence=0),
}


@contextlib.asynccontextmanager
async def answering() -> AsyncIterator[str]:
    """Answer for the time of the block; yields the address."""
    app = web.Application()
    for path, answer in _ANSWERS.items():
        app.router.add_post(path, _always(msgspec.json.encode(answer)))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def _always(body: bytes):
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return handle
