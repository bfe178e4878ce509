"""Lists, a page at a time: ``{"data": […], "next_cursor": …}``. A cursor is opaque: the place where its page ended."""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from latchkey_kit.web.bodies import answer
from latchkey_kit.web.problems import FieldError, bad_request

RowT = TypeVar("RowT")
PlaceT = TypeVar("PlaceT")
Cursor = Annotated[str, msgspec.Meta(max_length=200)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of every list; filters are added by those who have them."""

    cursor: Cursor | None = None
    limit: Limit = 50

    @property
    def to_fetch(self) -> int:
        """One more than is shown, to know whether there are more."""
        return self.limit + 1

    def after(self, wanted: type[PlaceT]) -> PlaceT | None:
        """The place behind which the page starts; ``None`` for the first page.

        Raises:
            Problem: 400 for a cursor that no list of ours gave.

        """
        if self.cursor is None:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=wanted)
        except (ValueError, msgspec.MsgspecError):
            error = FieldError(pointer="/cursor", message="This is no cursor of this list.")
            raise bad_request("A parameter is not valid.", error) from None


def listed(
    found: Sequence[RowT], asked: PageQuery, *, show: Callable[[RowT], object], place: Callable[[RowT], object]
) -> web.Response:
    """Answer with a page of what was found when ``to_fetch`` rows were asked for.

    ``show`` gives a row as JSON has it, ``place`` what ``after`` is to find again.
    """
    return answer(page_of(found, asked, show=show, place=place))


def page_of(
    found: Sequence[RowT], asked: PageQuery, *, show: Callable[[RowT], object], place: Callable[[RowT], object]
) -> dict[str, object]:
    """The page itself, for whoever writes JSON in a way of their own; as `listed`."""
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return {"data": [show(row) for row in shown], "next_cursor": _cursor(place(shown[-1])) if more else None}


def _cursor(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()
