"""`up`: start the stack unless it runs, wait until everything is ready, say where things are."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Self

from latchkey_local import brought, lock, state
from latchkey_local.addresses import check_origin_port, origin_port
from latchkey_local.errors import StackError
from latchkey_local.files import read_json
from latchkey_local.home import Home
from latchkey_local.services import instances
from latchkey_local.state import READY, State
from latchkey_local.terminal import say
from latchkey_local.welcome import welcome

PATIENCE = 180.0  # seconds; a first start makes databases and demo data
PAUSE = 0.05


def up(home: Home, environ: Mapping[str, str]) -> None:
    """Bring the stack up."""
    home.open()
    port = origin_port(environ)
    brought.from_environment(environ)
    instances(environ.get("LATCHKEY_INSTANCES", ""))
    started = None
    if lock.holder(home.lock) is None:
        check_origin_port(port)
        started = _start_supervisor(home, port, environ)
    else:
        _check_same_port(home, environ, port)
    try:
        _wait(home, started)
    except KeyboardInterrupt:
        if started is not None:
            say("\nStopping what was started…")
            started.terminate()
            started.wait()
        raise
    welcome(home)


def _check_same_port(home: Home, environ: Mapping[str, str], port: int) -> None:
    there = read_json(home.stack).get("port", port)
    if environ.get("LATCHKEY_PORT") and there != port:
        raise StackError(f"This stack runs already, at port {there}. Stop it first: make down")


def _start_supervisor(home: Home, port: int, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    env = {**environ, "LATCHKEY_HOME": str(home.path), "LATCHKEY_PORT": str(port)}
    with home.log("supervisor").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "latchkey_local.supervisor"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=env, start_new_session=True,
        )  # fmt: skip


def _wait(home: Home, started: "subprocess.Popen[bytes] | None") -> None:
    """Return when everything is ready. `started` is the supervisor when it is ours."""
    end = time.monotonic() + PATIENCE
    with Progress() as progress:
        while time.monotonic() < end:
            seen = state.read(home)
            if seen is not None and seen.phase == READY and lock.holder(home.lock) == seen.pid:
                return
            if (started is None or started.poll() is not None) and lock.holder(home.lock) is None:
                raise StackError(_reason(home, started))
            progress.show(seen)
            time.sleep(PAUSE)
    raise StackError(f"The stack is not ready after {PATIENCE:.0f} s. `make status` shows which part; `make logs` why.")


def _reason(home: Home, started: "subprocess.Popen[bytes] | None") -> str:
    seen = state.read(home)
    if seen is not None and seen.error and started is not None and seen.pid == started.pid:
        return seen.error
    return f"The stack was stopped before it was ready. Its log: {home.log('supervisor')}"


class Progress:
    """One line on a terminal that tells how far it is; elsewhere nothing."""

    def __init__(self) -> None:
        self._shown = ""
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def show(self, seen: State | None) -> None:
        waiting = [name for name, part in seen.parts.items() if part.state != READY] if seen else []
        self._write("Starting: " + (", ".join(waiting) if waiting else "…"))

    def _write(self, line: str) -> None:
        if self._terminal and line != self._shown:
            say(f"\r\x1b[K{line}", end="")
            self._shown = line
