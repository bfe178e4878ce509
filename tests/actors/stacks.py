"""A whole stack of its own, on a free port and in a folder that goes with it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from latchkey_embedded import free_port

PATIENCE = 240  # seconds
_UNDER_WAY: "list[Stack]" = []


@dataclass(frozen=True)
class Stack:
    """``python -m latchkey_local`` on one data folder; nothing but ``environ`` is handed on."""

    home: Path
    environ: dict[str, str]

    def run(self, word: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "latchkey_local", word]
        return subprocess.run(  # noqa: S603 (ours)
            command, env=self.environ, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def up(self) -> None:
        came_up = self.run("up")
        if came_up.returncode != 0:  # what a busy machine left half made, the next one completes
            came_up = self.run("up")
        assert came_up.returncode == 0, came_up.stdout + came_up.stderr


@contextlib.contextmanager
def folder_for_a_stack(**environ: str) -> Iterator[Stack]:
    """A stack that is not up yet; whatever happens, it is down and its folder gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="latchkey-test-"))
    folder.chmod(0o711)
    home = folder / "home"
    usual = {"PATH": os.defpath, "LATCHKEY_HOME": str(home), "LATCHKEY_PORT": str(free_port())}
    stack = Stack(home, usual | environ)
    _UNDER_WAY.append(stack)
    try:
        yield stack
    finally:
        if stack in _UNDER_WAY:
            _UNDER_WAY.remove(stack)
            stack.run("down")
        shutil.rmtree(folder)


def take_all_down() -> None:
    """Stop what is under way before its folder goes: an idle stack, too, takes its share of the cores."""
    while _UNDER_WAY:
        _UNDER_WAY.pop().run("down")
