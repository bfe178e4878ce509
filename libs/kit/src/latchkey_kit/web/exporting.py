"""Handing out much at once: CSV (RFC 4180) or NDJSON in UTF-8, piece by piece, and visibly broken off if it breaks."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, Literal, TypeGuard

from aiohttp import hdrs, web

Format = Literal["csv", "ndjson"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "ndjson": "application/x-ndjson",
}
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""How a text begins that a spreadsheet may take for a formula, or for what hides one; some read the wide signs, too."""
_PATIENCE: Final = 30.0
"""Seconds in which a reader must take the next piece."""


def is_format(word: str) -> TypeGuard[Format]:
    return word in MEDIA_TYPES


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    into = io.StringIO()
    csv.writer(into, lineterminator="\r\n").writerows(rows)
    return into.getvalue().encode()


def cell(text: str) -> str:
    """Give a text as a spreadsheet may have it: never a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def attachment(name: str, form: Format) -> web.StreamResponse:
    """Begin the answer that holds a file; ``name`` is without its ending, and of letters only."""
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: MEDIA_TYPES[form],
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}.{form}"',
            hdrs.CACHE_CONTROL: "no-store",
        }
    )


async def send(response: web.StreamResponse, pieces: AsyncIterator[bytes]) -> None:
    """Send them all, each when the one before is taken. `TimeoutError` for a reader who takes none for long."""
    async for piece in pieces:
        await write(response, piece)
    await response.write_eof()


async def write(response: web.StreamResponse, piece: bytes) -> None:
    """Send one piece; raises as `send`."""
    async with asyncio.timeout(_PATIENCE):
        await response.write(piece)


def break_off(request: web.Request) -> None:
    """End without the end of the body: the client sees that it was cut off."""
    if request.transport is not None:
        request.transport.abort()
