"""`GET /audit` and `/apps/{id}/audit`: the log, newest first, as it stands in the address what is looked for."""

import asyncio
from typing import Any

from aiohttp import web

from latchkey_console.audit.choices import choices, listed
from latchkey_console.audit.entries import clients_in, row, users_in
from latchkey_console.audit.filters import USUAL, fields_of
from latchkey_console.audit.place import Place, page_of, place_of
from latchkey_console.desk import Desk
from latchkey_console.naming import names
from latchkey_console.parts import Parts
from latchkey_kit.web.problems import Problem

_NOTHING: dict[str, Any] = {"data": [], "next_cursor": None}


class Events:
    """Without htmx, a whole page; with it, the part that holds filters and list."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        place = place_of(desk)
        (found, problem), offered = await asyncio.gather(
            self._found(desk, place), listed(desk, apps=not place.app)
        )  # fmt: skip
        entries, filters = found["data"], place.filters
        known = await names(
            desk, users_in(entries) | {filters.user, filters.about}, clients_in(entries) | {filters.app, place.app}
        )
        values = {
            "place": place,
            "filters": filters,
            "usual": USUAL,
            "names": known,
            "rows": [row(one, known) for one in entries],
            "choices": choices(offered, known),
            "older": found["next_cursor"],
            "first_page": "cursor" not in desk.request.query,
            "seen": max((one["position"] for one in entries), default=0),
            "problem": problem,
            "wrong": fields_of(problem.errors) if problem else {},
            "title_of": lambda code: self._parts.pages.words(desk, code),
            "may_export": desk.may("auditlog", "export"),
        }
        template = "audit/events.html" if desk.is_partial else "audit/page.html"
        return self._parts.pages.page(template, desk, values, problem.status if problem else 200)

    async def _found(self, desk: Desk, place: Place) -> tuple[dict[str, Any], Problem | None]:
        """The page of the log, or what is wrong with what was asked."""
        cursor = desk.request.query.get("cursor")
        try:
            params = place.filters.params(self._parts.clock.now(), app=place.app)
            return await page_of(desk, params | ({"cursor": cursor} if cursor else {})), None
        except Problem as problem:
            if problem.status != 400:
                raise
            return _NOTHING, problem
