"""How the stack and its parts are doing, for the commands to read while the supervisor writes."""

import logging

import msgspec

from latchkey_local.files import write_json
from latchkey_local.home import Home

log = logging.getLogger(__name__)

STARTING, READY, STOPPING, FAILED = "starting", "ready", "stopping", "failed"
RESTARTING, STOPPED = "restarting", "stopped"


class Part(msgspec.Struct):
    """One process of the stack."""

    state: str = STARTING
    pid: int | None = None
    restarts: int = 0


class State(msgspec.Struct):
    """The whole stack, as its supervisor `pid` sees it."""

    pid: int
    phase: str = STARTING
    error: str = ""
    parts: dict[str, Part] = {}


class Board:
    """Where the supervisor writes it down."""

    def __init__(self, home: Home, pid: int) -> None:
        self._file = home.state
        self.state = State(pid)
        self.write()

    def phase(self, phase: str, error: str = "") -> None:
        self.state.phase, self.state.error = phase, error
        self.write()

    def part(self, name: str, state: str, pid: int | None = None) -> None:
        entry = self.state.parts.setdefault(name, Part())
        entry.state, entry.pid = state, pid
        entry.restarts += state == RESTARTING
        self.write()

    def write(self) -> None:
        try:
            write_json(self._file, self.state)
        except OSError as problem:  # a full disk is no reason to let go of everything
            log.warning("%s cannot be written: %s", self._file, problem)


def read(home: Home) -> State | None:
    """Return what the last supervisor wrote; it may be dead by now.

    None for a file that says nothing: the next supervisor writes it anew, so it must not keep anybody from starting.
    """
    try:
        return msgspec.json.decode(home.state.read_bytes(), type=State)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
