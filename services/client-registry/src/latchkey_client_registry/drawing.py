"""Pictures that people send are drawn anew: what is kept has nothing of the file that came."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from PIL import Image, ImageOps

from latchkey_kit.web.problems import FieldError, Problem, bad_request, unavailable
from latchkey_kit.web.slots import Slots

SIDE: Final = 256
LONGEST_SIDE: Final = 2048
"""Of what comes, in pixels: a small file can be a huge picture, and drawing takes some copies of it."""
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_WAITING: Final = 16
_SIZE: Final = (SIDE, SIDE)
log = structlog.get_logger()


class Drawing:
    """One thread draws, so that one picture is in memory at a time; few may wait for it, and two of each tenant."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._slots = Slots(most=_WAITING, each=2, refusal=lambda: unavailable(2, private="too many pictures wait"))

    async def draw(self, picture: bytes, tenant: str) -> bytes:
        """Give a PNG of 256 by 256 pixels, transparent where the picture was not square.

        Raises:
            Problem: 400 for what is no picture that we take; 503 when too many wait.

        """
        with self._slots.taken(tenant):
            return await asyncio.get_running_loop().run_in_executor(self._thread, drawn, picture)

    def close(self) -> None:
        self._thread.shutdown()


@contextlib.asynccontextmanager
async def drawing() -> AsyncIterator[Drawing]:
    """Keep the thread for the time of the block."""
    made = Drawing()
    try:
        yield made
    finally:
        made.close()


def drawn(picture: bytes) -> bytes:
    """Draw it; of a moving picture the first frame. Raises as `Drawing.draw`."""
    made = None
    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
            if max(image.size) <= LONGEST_SIDE:
                made = _png(_fitted(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        log.info("picture_refused", reason="decompression bomb")
    except Exception as error:  # noqa: BLE001 - a broken file can make its reader raise anything
        log.info("picture_refused", reason=type(error).__name__)
        raise _refused("Send a PNG, JPEG, WebP or GIF picture. This is none, or it is damaged.") from None
    if made is None:
        raise _refused(f"A logo is at most {LONGEST_SIDE} pixels wide and high.")
    return made


def _fitted(image: Image.Image) -> Image.Image:
    """The picture as large as it fits, in the middle, and nothing else of the file, such as where it was taken."""
    image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is read at a fraction of its size
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16 bits of grey, of which Pillow would keep the lowest eight
        upright = upright.convert("I").point(lambda grey: grey / 256).convert("L")
    seen = upright.convert("RGBA")
    scale = SIDE / max(seen.size)
    size = (max(1, round(seen.width * scale)), max(1, round(seen.height * scale)))
    small = seen.resize(size, Image.Resampling.LANCZOS)
    square = Image.new("RGBA", _SIZE)
    square.paste(small, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return square


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _refused(reason: str) -> Problem:
    return bad_request(reason, FieldError(pointer="/logo", message=reason))
