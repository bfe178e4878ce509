"""What befalls processes, ports and folders."""

import contextlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from rig import Rig

LOOPBACK = "127.0.0.1"


def kill(rig: Rig, part: str) -> int:
    """`kill -9`, at once and without a chance to say goodbye; returns the pid that it was."""
    pid = rig.pid(part)
    os.kill(pid, signal.SIGKILL)
    return pid


@contextlib.contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """SIGSTOP: they hold their lines and say nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def with_children(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in with_children(int(child)))]


@contextlib.contextmanager
def kept_down(rig: Rig, part: str, port: str) -> Iterator[int]:
    """Kill a part and listen on one of its ports, so that it cannot come back; its other ports refuse."""
    pid = kill(rig, part)
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end = time.monotonic() + 5
        while True:
            try:
                held.bind((LOOPBACK, rig.described["ports"][port]))
                break
            except OSError:
                if time.monotonic() > end:
                    raise
        held.listen()
        yield pid


def wiped(folder: Path) -> None:
    """Remove everything in a folder."""
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
