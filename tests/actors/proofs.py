"""`latchkey check` on a whole stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

PATIENCE = 300  # seconds for the command; it waits by itself for what is under way


def proofs(home: Path) -> dict[str, dict]:
    """What it found, by rule."""
    done = subprocess.run(  # noqa: S603 (ours)
        [Path(sys.executable).with_name("latchkey"), "check", "--json", "--logs", str(home / "logs")],
        env={"PATH": os.defpath, "LATCHKEY_HOME": str(home)},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return {one["rule"]: one for one in json.loads(done.stdout)["findings"]}


def disproved(home: Path) -> list[str]:
    """What it says against the house, a line for each offender."""
    found = proofs(home).values()
    return [f"{one['rule']}: {words}" for one in found if one["state"] == "FAIL" for words in one["offenders"]]
