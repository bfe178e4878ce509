"""Where a page of the log stands: on its own, or on the page of an app."""

from typing import Any

import msgspec

from latchkey_console.audit.filters import Filters, read
from latchkey_console.desk import Desk
from latchkey_kit.web.bodies import path_id

EVENTS = "/v1/audit-events"
A_PAGE = 50
"""Entries on a page."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """``base`` is its path; ``app`` the app that all is about, empty for all of the log."""

    base: str
    filters: Filters
    app: str = ""

    def link(self, filters: Filters) -> str:
        """Address of the same list with other filters."""
        return _joined(self.base, filters.query())

    def page(self, cursor: str) -> str:
        """Address of the page behind this one."""
        return _joined(self.base, self.filters.query(cursor=cursor))

    def below(self, path: str, **more: str) -> str:
        """Address of something that goes by the same filters, or from which one finds back to them."""
        return _joined(f"{self.base}/{path}", self.filters.query(**more))


def place_of(desk: Desk) -> Place:
    filters = read(desk.request)
    if "client_id" not in desk.request.match_info:
        return Place(base="/audit", filters=filters)
    app = path_id(desk.request, "client_id")
    return Place(base=f"/apps/{app}/audit", filters=filters.but(app=""), app=app)


async def page_of(desk: Desk, params: dict[str, str]) -> dict[str, Any]:
    """One page of the log, ``data`` and ``next_cursor``; raises as `Desk.send`."""
    found: dict[str, Any] = await desk.send("audit", "GET", EVENTS, params={**params, "limit": str(A_PAGE)})
    return found


def _joined(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
