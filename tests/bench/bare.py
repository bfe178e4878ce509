"""What everything is compared with: a bare aiohttp handler that parses the form and answers fixed JSON.

`python bare.py <port>`; `POST /<bytes>` is answered with so many. The same event loop and the same HTTP server as ours.
"""

import asyncio
import sys

import uvloop
from aiohttp import web

_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_SIZES = range(50, 3000)


def _handler(size: int):
    body = b'{"access_token":"%b"}' % (b"x" * (size - 19))

    async def handle(request: web.Request) -> web.Response:
        form = await request.post()
        if "client_id" not in form:
            raise web.HTTPBadRequest
        return web.Response(body=body, content_type="application/json", headers=_HEADERS)

    return handle


async def main(port: int) -> None:
    app = web.Application()
    for size in _SIZES:
        app.router.add_post(f"/{size}", _handler(size))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
