"""Lists of the owners: a page of one, or all of a short one."""

from typing import Any, Final, TypeVar

import msgspec

from latchkey_console.desk import Desk
from latchkey_console.owners import Owner

RowT = TypeVar("RowT")
_AT_ONCE: Final = "200"
_MOST_PAGES: Final = 10


async def page(
    desk: Desk, owner: Owner, path: str, row: type[RowT], params: dict[str, str] | None = None
) -> tuple[list[RowT], str | None]:
    """Give the rows of a page, and the cursor of the next one."""
    answer: dict[str, Any] = await desk.send(owner, "GET", path, params=params or {})
    return msgspec.convert(answer["data"], list[row]), answer.get("next_cursor")  # type: ignore[valid-type]  # its type


async def everything(desk: Desk, owner: Owner, path: str, row: type[RowT]) -> list[RowT]:
    """Give all rows of a list that is short; 2000 at most."""
    rows, cursor = await page(desk, owner, path, row, {"limit": _AT_ONCE})
    for _ in range(_MOST_PAGES - 1):
        if cursor is None:
            break
        more, cursor = await page(desk, owner, path, row, {"limit": _AT_ONCE, "cursor": cursor})
        rows += more
    return rows
