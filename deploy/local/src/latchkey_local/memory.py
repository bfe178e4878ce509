"""How much memory a process and its children use."""

import re
from collections.abc import Iterator
from pathlib import Path

PROPORTIONAL = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)


def megabytes(pid: int, *, children: bool = True) -> float:
    """Return the memory of the process, with its children or without; pages that several share are counted once."""
    return sum(_kilobytes(Path("/proc", str(member))) for member in (_family(pid) if children else [pid])) / 1024


def _kilobytes(entry: Path) -> int:
    for name, pattern in (("smaps_rollup", PROPORTIONAL), ("status", RESIDENT)):
        try:
            found = pattern.search((entry / name).read_text())
        except OSError:
            continue
        if found:
            return int(found[1])
    return 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path("/proc", str(pid), "task", str(pid), "children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from _family(int(child))
