"""Keeping one part alive: started again when it ends, slower each time it ends soon."""

import asyncio
import logging
import time

from latchkey_embedded import Nats, PartError
from latchkey_local.parts import Part
from latchkey_local.state import READY, RESTARTING, STARTING, Board

log = logging.getLogger(__name__)

FIRST_ATTEMPTS = 3
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LIVED_LONG = 30.0  # seconds; whoever lived so long is restarted at once
HEALTH_EVERY, HEALTH_MISSES = 5.0, 3


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
    pause = SHORTEST_PAUSE
    while True:
        begun = time.monotonic()
        code = await part.child.wait()
        pause = SHORTEST_PAUSE if time.monotonic() - begun > LIVED_LONG else min(pause * 2, LONGEST_PAUSE)
        log.warning("%s ended with %s; it is started again in %.1f s", name, code, pause)
        board.part(name, RESTARTING)
        await asyncio.sleep(pause)
        try:
            await _start(name, part, board)
        except PartError as problem:
            log.warning("%s did not start: %s", name, problem)
            await part.child.stop()


async def keep_healthy(server: Nats) -> None:
    """Restart NATS when it says that it is unwell: after a full disk its streams refuse for ever, until a restart."""
    misses = 0
    while True:
        await asyncio.sleep(HEALTH_EVERY)
        misses = 0 if await server.healthy() else misses + 1
        if misses >= HEALTH_MISSES:
            log.warning("nats has been unwell %d times in a row; it is restarted", misses)
            await server.stop()
            misses = 0


async def _start(name: str, part: Part, board: Board) -> None:
    board.part(name, STARTING)
    await part.start()
    board.part(name, READY, part.child.pid)
