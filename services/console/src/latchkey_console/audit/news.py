"""`GET /audit/news?seen=…`: how many entries came since a list was shown, for lists that are live."""

from typing import Any

from aiohttp import web

from latchkey_console.audit.place import A_PAGE, page_of, place_of
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_kit.web.problems import FieldError, bad_request


class News:
    """``seen`` is the highest position on the list. That one looks at the log oneself is no news."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        place, seen = place_of(desk), _position(desk.request.query.get("seen", ""))
        found = await page_of(desk, place.filters.params(self._parts.clock.now(), app=place.app))
        new = [one for one in found["data"] if one["position"] > seen and not _own_view(desk, one)]
        values = {"count": len(new), "more": len(new) >= A_PAGE, "shown_at": place.link(place.filters)}
        return self._parts.pages.page("audit/news.html", desk, values)


def _own_view(desk: Desk, entry: dict[str, Any]) -> bool:
    return bool(entry["action"] == "auditlog.viewed" and entry["user"] == desk.person.user)


def _position(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise bad_request("A parameter is not valid.", FieldError(pointer="/seen", message="Expected a position."))
    return int(text)
