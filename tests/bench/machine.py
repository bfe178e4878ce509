"""The machine that measures: its cores, and how busy a process kept one of them."""

import importlib.metadata
import os
import platform
import subprocess
import time
from pathlib import Path

from latchkey_embedded.cluster import BIN
from latchkey_embedded.programs import program

CORES = sorted(os.sched_getaffinity(0))
SERVER = CORES[:1]
"""What is measured has one core for itself."""
LOAD = CORES[1:2] or CORES[:1]
PARTS = CORES[2:] or CORES[-1:]
"""PostgreSQL, NATS, heads and whatever else is at work."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PACKAGES = ("aiohttp", "asyncpg", "cryptography", "msgspec", "nats-py", "pyjwt", "uvloop")


def described() -> str:
    """What the figures stand on: processor, load of others, and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    return "\n".join((
        f"{len(CORES)} cores of {model}, load before {os.getloadavg()[0]:.1f}, {platform.release()}",
        f"Python {platform.python_version()}, {_version(BIN / 'postgres')}, {_version(program('nats-server'))}",
        versions,
    ))  # fmt: skip


def _version(path: Path) -> str:
    return subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 (ours)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int | str = "self") -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


class Busy:
    """How much of a core each of some processes uses from now on."""

    def __init__(self, *pids: int) -> None:
        self._since = time.perf_counter()
        self._begun = {pid: cpu_seconds(pid) for pid in pids}

    def shares(self) -> list[float]:
        passed = time.perf_counter() - self._since
        return [(cpu_seconds(pid) - begun) / passed for pid, begun in self._begun.items()]
