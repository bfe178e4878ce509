"""`logs`: what the parts have written lately, and what they write from now on."""

import time
from collections.abc import Sequence
from pathlib import Path

from latchkey_local.errors import StackError
from latchkey_local.home import Home
from latchkey_local.services import SERVICES
from latchkey_local.terminal import say

PARTS = ("supervisor", "postgres", "nats", "streams", "gateway", *(service.name for service in SERVICES), "demo-data")
LINES = {True: 100, False: 10}  # of one part; of each of all
READ_AT_MOST = 200_000
PAUSE = 0.2


def logs(home: Home, part: str | None, *, follow: bool) -> None:
    """Print the last lines of one part, or of all; `follow` goes on until Ctrl-C."""
    parts = (*PARTS, *_further_instances(home))
    if part is not None and part not in parts:
        raise StackError(f"There is no part '{part}'. There are: {', '.join(parts)}.")
    files = [(name, home.log(name)) for name in (parts if part is None else (part,))]
    if not any(file.exists() for _, file in files):
        raise StackError(f"There are no logs in {home.path} yet. `make up` starts the stack.")
    width = max(len(name) for name, _ in files)
    labels = [(f"{name:<{width}} | " if part is None else "", file) for name, file in files]
    ends = [_tail(label, file, LINES[part is not None]) for label, file in labels]
    while follow:
        time.sleep(PAUSE)
        ends = [_more(label, file, end) for (label, file), end in zip(labels, ends, strict=True)]


def _further_instances(home: Home) -> list[str]:
    """Return the parts such as `token-2` that have run here."""
    return sorted({file.stem for file in home.logs.glob("*.log")}.difference(PARTS))


def _tail(label: str, file: Path, count: int) -> int:
    if not file.exists():
        return 0
    size = file.stat().st_size
    with file.open("rb") as content:
        content.seek(max(0, size - READ_AT_MOST))
        _print(label, content.read(READ_AT_MOST).splitlines()[-count:])
    return size


def _more(label: str, file: Path, end: int) -> int:
    """Print what came after byte `end`, whole lines only; return the new end."""
    if not file.exists():
        return 0
    start = 0 if file.stat().st_size < end else end  # a file that became shorter was begun anew
    with file.open("rb") as content:
        content.seek(start)
        whole, line_break, _ = content.read().rpartition(b"\n")
    _print(label, whole.splitlines())
    return start + len(whole) + len(line_break)


def _print(label: str, lines: Sequence[bytes]) -> None:
    for line in lines:
        say(label + line.decode(errors="replace"))
