"""`GET /audit/{id}`: one entry, with what was before and after."""

from aiohttp import web

from latchkey_console.audit.entries import changes, clients_in, details, raw, row, users_in
from latchkey_console.audit.place import EVENTS, place_of
from latchkey_console.desk import Desk
from latchkey_console.naming import names
from latchkey_console.parts import Parts
from latchkey_kit.web.bodies import path_id


class Detail:
    """A page; with htmx, what stands in the panel beside the list."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        place = place_of(desk)
        event = path_id(desk.request, "event_id")
        entry = await desk.send("audit", "GET", f"{EVENTS}/{event}")
        known = await names(desk, users_in([entry]), clients_in([entry]) | {place.app})
        values = {
            "place": place,
            "filters": place.filters,
            "names": known,
            "told": entry,
            "row": row(entry, known),
            "changes": changes(entry),
            "details": details(entry, known),
            "raw": raw(entry),
            "title_of": lambda code: self._parts.pages.words(desk, code),
        }
        template = "audit/entry.html" if desk.is_partial else "audit/entry_page.html"
        return self._parts.pages.page(template, desk, values)
