"""One child process of ours: started with its output in a file, reaped, and never outliving us."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from latchkey_embedded.errors import PartError
from latchkey_embedded.probe import until

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_KEPT = 10_000_000  # bytes; a longer log is set aside at the next start
TAIL = 4_000


@dataclass
class Child:
    """A program that runs as long as we do.

    It belongs to no event loop: `start` in one loop and `stop` in another is fine, as test fixtures do.
    Start it from a thread that lasts, for the kernel sends the death signal when the *starting thread* ends.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[int, int] | None = None
    """uid and gid to run as; None: ours."""
    death_signal: signal.Signals = signal.SIGKILL
    """What it gets when we die without stopping it."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended: exit code, or minus the signal; None while it lives or before it was started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the program; a failure to run it shows as an early end with the reason in the log."""
        identity = "-" if self.identity is None else "{}:{}".format(*self.identity)
        launcher: list[str | Path] = [
            sys.executable,
            "-I",
            "-S",
            LAUNCHER,
            str(os.getpid()),
            str(int(self.death_signal)),
            identity,
        ]
        with _open_log(self.log) as output:
            self._process = subprocess.Popen(  # noqa: S603 (the command comes from our own tables)
                [*launcher, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",  # not a folder that another user may not enter, or that somebody wants to remove
                env=dict(self.env),
                start_new_session=True,  # Ctrl-C in a terminal is for us; we stop our children in order
            )

    async def wait(self) -> int | None:
        """Return how it ended, as soon as it ended."""
        await until(self._ended, seconds=float("inf"), pause=0.05)
        return self.returncode

    async def stop(self, *how: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn and give it that many seconds; SIGKILL comes last by itself."""
        for number, patience in (*how, (signal.SIGKILL, 10.0)):
            if self._process is None or not self.alive:
                return
            self._process.send_signal(number)
            if await until(self._ended, seconds=patience, pause=0.01):
                return
        raise PartError(f"{self.name} (process {self.pid}) cannot be stopped, not even by SIGKILL.")

    async def _ended(self) -> bool:
        return not self.alive

    def last_words(self) -> str:
        """Return the end of its log, for a message."""
        try:
            text = self.log.read_bytes()[-TAIL:].decode(errors="replace")
        except OSError:
            return ""
        return " ".join(text.strip().splitlines()[-3:])


async def until_ready(child: Child, answers: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    """Return when it answers. Raises PartError when it ends before that, or is silent for so long."""

    async def settled() -> bool:
        return not child.alive or await answers()

    if not await until(settled, seconds=seconds):
        raise PartError(f"{child.name} did not answer in {seconds:.0f} s. Its log: {child.log}")
    if not child.alive:
        raise PartError(f"{child.name} stopped at once: {child.last_words()} (Its log: {child.log})")


def _open_log(path: Path) -> BinaryIO:
    if path.exists() and path.stat().st_size > LOG_KEPT:
        path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
