"""Keeping one part alive: started again when it ends, slower each time it ends soon."""

import asyncio
import logging
import shutil
import time

from latchkey_embedded import Nats, PartError
from latchkey_embedded.nats_server import SILENT
from latchkey_local.parts import Part
from latchkey_local.state import READY, RESTARTING, STARTING, Board

log = logging.getLogger(__name__)

FIRST_ATTEMPTS = 3
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
LIVED_LONG = 5.0  # seconds; whoever lived so long is restarted at once
HEALTH_EVERY = 2.0  # seconds
MOST_UNWELL, MOST_SILENT = 3, 6  # times in a row; a busy machine may keep a healthy server silent for a while
NO_ROOM = 1_000_000  # bytes


async def bring_up(name: str, part: Part, board: Board, *, attempts: int = 1) -> None:
    """Start it for the first time. Raises PartError when it does not become ready."""
    for attempt in range(1, attempts + 1):
        try:
            await _start(name, part, board)
        except PartError as problem:
            log.warning("%s did not start (attempt %d): %s", name, attempt, problem)
            if attempt == attempts:
                raise
            await asyncio.sleep(SHORTEST_PAUSE * attempt)
        else:
            return


async def keep(name: str, part: Part, board: Board) -> None:
    """Start it again whenever it ends, for ever."""
    pause = 0.0
    while True:
        begun = time.monotonic()
        code = await part.child.wait()
        pause = pause_after(time.monotonic() - begun, pause)
        log.warning("%s ended with %s; it is started again in %.1f s", name, code, pause)
        board.part(name, RESTARTING)
        await asyncio.sleep(pause)
        try:
            await _start(name, part, board)
        except (PartError, OSError) as problem:  # a full disk, too, is no reason to let go of the other parts
            log.warning("%s did not start: %s", name, problem)
            await part.child.stop()


def pause_after(lived: float, before: float) -> float:
    """Seconds until a part is started again that lived so long, ``before`` being the pause of the last time."""
    return 0.0 if lived > LIVED_LONG else min(max(before * 2, SHORTEST_PAUSE), LONGEST_PAUSE)


async def keep_healthy(name: str, server: Nats) -> None:
    """Restart a NATS server that says it is unwell: after a full disk its streams refuse for ever, until a restart."""
    unwell = silent = 0
    while True:
        await asyncio.sleep(HEALTH_EVERY)
        trouble = await server.trouble()
        silent = silent + 1 if trouble == SILENT else 0
        unwell = 0 if trouble in {None, SILENT} else unwell + 1
        if unwell + silent == 1:
            log.warning("%s is unwell: %s%s", name, trouble, "; its disk is full" if _is_full(server) else "")
        if unwell >= MOST_UNWELL or silent >= MOST_SILENT:
            log.warning("%s does not recover; it is restarted", name)
            await server.stop()
            unwell = silent = 0


def _is_full(server: Nats) -> bool:
    try:
        return shutil.disk_usage(server.store).free < NO_ROOM
    except OSError:  # its files are gone: that is another trouble
        return False


async def _start(name: str, part: Part, board: Board) -> None:
    board.part(name, STARTING)
    await part.start()
    board.part(name, READY, part.child.pid)
