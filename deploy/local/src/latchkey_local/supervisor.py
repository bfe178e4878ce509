"""The process that owns every other process of the stack. `make up` starts it; it ends with SIGTERM.

It holds the lock of its data folder. When it dies without a chance to stop its children, the kernel ends them.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from typing import NoReturn

from latchkey_embedded import PartError
from latchkey_kit.entropy import SystemEntropy
from latchkey_local import addresses, brought, credentials
from latchkey_local.errors import StackError
from latchkey_local.home import Home
from latchkey_local.lock import Lock
from latchkey_local.services import instances
from latchkey_local.stack import Stack
from latchkey_local.state import FAILED, READY, STARTING, STOPPED, Board

log = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    home = Home.from_environment(os.environ)
    home.open()
    lock = Lock(home.lock)
    if not lock.take():
        log.info("another supervisor has %s", home.path)
        return
    board = Board(home, os.getpid())
    asyncio.run(_run_and_exit(home, board, os.environ))


async def _run_and_exit(home: Home, board: Board, environ: Mapping[str, str]) -> NoReturn:
    problem = await _run(home, board, environ)
    board.phase(FAILED if problem else STOPPED, problem)
    logging.shutdown()
    os._exit(1 if problem else 0)  # everything is down: what a library still has under way must not hold the lock


async def _run(home: Home, board: Board, environ: Mapping[str, str]) -> str:
    """Run the stack until SIGTERM; return what went wrong, or nothing."""
    running = asyncio.create_task(_stack(home, board, environ))

    def stop() -> None:
        if board.state.phase in (STARTING, READY):  # a second signal does not interrupt the stopping
            running.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await asyncio.wait([running])
    problem = None if running.cancelled() else _first(running.exception())
    if problem is None or isinstance(problem, PartError | StackError):
        return str(problem or "")
    if isinstance(problem, OSError):
        return f"The stack cannot start: {problem.strerror}: {problem.filename}. Is the disk full, or read-only?"
    log.error("the supervisor failed", exc_info=problem)
    return f"The supervisor failed: {problem!r}. Its log: {home.log('supervisor')}"


async def _stack(home: Home, board: Board, environ: Mapping[str, str]) -> None:
    own = brought.from_environment(environ)
    wanted = instances(environ.get("LATCHKEY_INSTANCES", ""))
    found = addresses.choose(home, addresses.origin_port(environ), wanted, own.nats_url)
    await Stack(home, found, credentials.load(home, SystemEntropy()), own, environ).run(board)


def _first(problem: BaseException | None) -> BaseException | None:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


if __name__ == "__main__":
    main()
