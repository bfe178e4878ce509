"""`GET /v1/<route>/export`: all records that match, as one stream of CSV or NDJSON."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiohttp import hdrs, web

from latchkey_records.domain.exporting import MEDIA_TYPES
from latchkey_records.domain.kinds import Kind
from latchkey_records.exports import Exports, Plan
from latchkey_records.handlers.door import Door
from latchkey_records.handlers.query import parameters_of

_PATIENCE: Final = 30.0
"""Seconds in which a reader must take the next piece."""
log = structlog.get_logger()


class Export:
    """An export that ends without the end of its body was cut off: its connection died, or something broke."""

    def __init__(self, kind: Kind, exports: Exports, door: Door) -> None:
        self._kind = kind
        self._exports = exports
        self._door = door

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = None
        try:
            async with self._door.entered(request) as (bearer, effective):
                plan = self._exports.plan(bearer, effective, self._kind, parameters_of(request, self._kind))
                if request.method == hdrs.METH_HEAD:
                    return _answer(plan)
                async with self._exports.open(plan) as pieces, self._door.while_alive(bearer):
                    response = _answer(plan)
                    await response.prepare(request)
                    await _send(response, pieces)
                    return response
        except Exception as error:
            if response is None:
                raise
            log.warning("export_cut", model=self._kind.name, reason=type(error).__name__)
            if request.transport is not None:
                request.transport.abort()  # no end of the body: the client sees that it was cut off
            return response


def _answer(plan: Plan) -> web.StreamResponse:
    name = f"{plan.task.kind.route}.{plan.form}"
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: MEDIA_TYPES[plan.form],
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            hdrs.CACHE_CONTROL: "no-store",
        }
    )


async def _send(response: web.StreamResponse, pieces: AsyncIterator[bytes]) -> None:
    async for piece in pieces:
        async with asyncio.timeout(_PATIENCE):
            await response.write(piece)
    await response.write_eof()
