"""`GET /v1/audit-events/export`: all entries that fit, newest first, as one stream of CSV or NDJSON."""

from collections.abc import AsyncIterator

import structlog
from aiohttp import hdrs, web

from latchkey_audit.domain.files import head, lines
from latchkey_audit.domain.search import Entry, Wanted
from latchkey_audit.handlers.door import Door
from latchkey_audit.handlers.filters import ExportAsked, told_filter, too_wide
from latchkey_audit.store import search
from latchkey_audit.store.positions import ends
from latchkey_audit.store.search import EXPORT_SECONDS, TooWideError
from latchkey_audit.views import Reader, Views
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.web.exporting import Format, attachment, break_off, send
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.slots import Slots

MOST, MOST_OF_A_TENANT = 8, 2
"""Exports at a time in one process."""
_AT_A_TIME = 200
log = structlog.get_logger()


class Export:
    """An export that ends without the end of its body was cut off: its connection died, its right went, or it broke.

    It is read piece by piece, each with a statement of its own, and holds what was recorded when it began. No piece
    leaves before it was looked whether the reader still may.
    """

    def __init__(self, database: Database, door: Door, views: Views, clock: Clock) -> None:
        self._database = database
        self._door = door
        self._views = views
        self._clock = clock
        self._slots = Slots(most=MOST, each=MOST_OF_A_TENANT, refusal=_too_many)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = None
        try:
            reader, asked = await self._door.enter(request, "export", ExportAsked)
            wanted = asked.wanted()
            if request.method == hdrs.METH_HEAD:
                return self._file(asked.format)
            with self._slots.taken(reader.tenant):
                async with self._door.while_alive(reader):
                    pieces = await self._begin(request, reader, wanted, asked.format)
                    response = self._file(asked.format)
                    await response.prepare(request)
                    await send(response, pieces)
                    return response
        except Exception as error:
            if response is None:
                if isinstance(error, TooWideError):
                    raise too_wide() from None
                raise
            log.warning("export_cut", reason=type(error).__name__)
            break_off(request)
            return response

    def _file(self, form: Format) -> web.StreamResponse:
        """Its name has the time, so that one export does not stand in the way of the next."""
        return attachment(f"audit-events-{self._clock.now():%Y%m%dT%H%M%SZ}", form)

    async def _begin(self, request: web.Request, reader: Reader, wanted: Wanted, form: Format) -> AsyncIterator[bytes]:
        """Read the first entries, so that what cannot be read is said, and have it on record that they leave."""
        async with self._database.connection() as connection:
            through = (await ends(connection, [reader.tenant]))[reader.tenant]
        first = await self._read(reader.tenant, wanted, None, through)
        await self._views.exported(reader, form, told_filter(request), lambda: self._door.confirm(reader))
        return self._pieces(reader, wanted, through, form, first)

    async def _pieces(
        self, reader: Reader, wanted: Wanted, through: int, form: Format, first: list[Entry]
    ) -> AsyncIterator[bytes]:
        found = first
        yield head(form) + lines(form, found)
        while len(found) == _AT_A_TIME:
            found = await self._read(reader.tenant, wanted, found[-1], through)
            if found:
                await self._door.still_may(reader, "export")
                yield lines(form, found)

    async def _read(self, tenant: str, wanted: Wanted, last: Entry | None, through: int) -> list[Entry]:
        after = None if last is None else last.place
        return await search.page(
            self._database, tenant, wanted, after, _AT_A_TIME, seconds=EXPORT_SECONDS, through=through
        )


def _too_many() -> Problem:
    advice = "Wait until an export that runs now is done."
    return Problem(429, "too_many_exports", "Too many exports at a time.", advice, headers={"Retry-After": "5"})
