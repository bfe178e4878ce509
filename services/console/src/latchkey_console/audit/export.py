"""`GET /audit/export`: everything that the filters find, as a file, passed on as it comes."""

from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from latchkey_console.audit.place import EVENTS, place_of
from latchkey_console.desk import Desk
from latchkey_console.owners import as_problem
from latchkey_console.parts import Parts
from latchkey_kit.requests import PeerRefused
from latchkey_kit.web.exporting import attachment, break_off, is_format, send
from latchkey_kit.web.problems import FieldError, bad_request

log = structlog.get_logger()


class Export:
    """A refusal is a page, for it comes before the first piece. What breaks later is broken off, so that it shows."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        place, form, now = place_of(desk), desk.request.query.get("format", ""), self._parts.clock.now()
        if not is_format(form):
            raise bad_request("A parameter is not valid.", FieldError(pointer="/format", message="csv or ndjson."))
        params = {**place.filters.params(now, app=place.app), "format": form}
        pieces = desk.stream("audit", f"{EVENTS}/export", params)
        first = await _first(pieces)
        response = attachment(f"audit-events-{now:%Y%m%dT%H%M%SZ}", form)
        try:
            await response.prepare(desk.request)
            await send(response, _all(first, pieces))
        except Exception as error:  # noqa: BLE001 - whatever it was, half a file must not look whole
            log.warning("export_cut", reason=type(error).__name__)
            break_off(desk.request)
        return response


async def _first(pieces: AsyncIterator[bytes]) -> bytes:
    try:
        return await anext(pieces, b"")
    except PeerRefused as refused:
        raise as_problem(refused) from None


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
