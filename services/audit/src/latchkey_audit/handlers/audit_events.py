"""`GET /v1/audit-events` and `/{id}`: what happened in one's own tenant, newest first."""

from aiohttp import web

from latchkey_audit.domain.search import Place, one_line, show
from latchkey_audit.handlers.door import Door
from latchkey_audit.handlers.filters import OfLog, PageAsked, told_filter, too_wide
from latchkey_audit.store import search
from latchkey_audit.store.search import TooWideError
from latchkey_audit.views import Views
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.lists import page_of
from latchkey_kit.web.problems import not_found


class AuditEvents:
    """Filters are those of `latchkey_audit.handlers.filters.Filters`; ``limit`` ≤ 200 and ``cursor``."""

    def __init__(self, database: Database, door: Door, views: Views) -> None:
        self._database = database
        self._door = door
        self._views = views

    async def list(self, request: web.Request) -> web.Response:
        reader, asked = await self._door.enter(request, "view", PageAsked)
        wanted, paging = asked.wanted(), asked.paging
        after = paging.after(Place)
        try:
            found = await search.page(self._database, reader.tenant, wanted, after, paging.to_fetch)
        except TooWideError:
            raise too_wide() from None
        await self._views.viewed(reader, "page", told_filter(request))
        return _json(page_of(found, paging, show=show, place=lambda entry: entry.place))

    async def get(self, request: web.Request) -> web.Response:
        reader, _ = await self._door.enter(request, "view", OfLog)
        event_id = path_id(request, "event_id")
        try:
            entry = await search.find(self._database, reader.tenant, event_id)
        except TooWideError:
            raise not_found() from None
        if entry is None:
            raise not_found()
        await self._views.viewed(reader, "entry", {"id": event_id})
        return _json(show(entry))


def _json(value: object) -> web.Response:
    return web.Response(
        body=one_line(value), content_type="application/json", headers={"Cache-Control": "no-store"}
    )  # fmt: skip
