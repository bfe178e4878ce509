"""How long the one-machine stack takes to start and to stop, and what it weighs: `make bench-start [rounds=5]`."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from latchkey_embedded import free_port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="warm starts to measure")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as another user
        run = Stack(Path(folder) / "home")
        print(f"first start (databases and demo data are made)   {run('up'):6.2f} s")
        stops = [run("down")]
        starts = []
        for _ in range(asked.rounds):
            starts.append(run("up"))
            weighed = run.status()
            stops.append(run("down"))
    print(f"warm start, {asked.rounds} rounds          {_spread(starts)}")
    print(f"stop, {len(stops)} rounds                {_spread(stops)}")
    print("\nmemory of the last start, when it was just ready:\n" + weighed)


class Stack:
    """One data folder."""

    def __init__(self, home: Path) -> None:
        self._environ = {"PATH": os.defpath, "LATCHKEY_HOME": str(home), "LATCHKEY_PORT": str(free_port())}

    def __call__(self, verb: str) -> float:
        """Run a verb of `latchkey_local`; returns its seconds."""
        begun = time.perf_counter()
        self._run(verb)
        return time.perf_counter() - begun

    def status(self) -> str:
        """Return the table of the parts."""
        return self._run("status").partition("\n\n")[2]

    def _run(self, verb: str) -> str:
        done = subprocess.run(  # noqa: S603 (ours)
            [sys.executable, "-m", "latchkey_local", verb],
            env=self._environ, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{verb} failed: {done.stderr}")
        return done.stdout


def _spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):6.2f} s   best {min(seconds):6.2f} s   worst {max(seconds):6.2f} s"


if __name__ == "__main__":
    main()
