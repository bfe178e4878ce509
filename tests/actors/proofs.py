"""`latchkey check` and `latchkey audit verify` on a whole stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

PATIENCE = 300  # seconds for the command; it waits by itself for what is under way


def proofs(home: Path) -> dict[str, dict]:
    """What it found, by rule."""
    said = _said(home, "check", "--json", "--logs", str(home / "logs"))
    return {one["rule"]: one for one in json.loads(said)["findings"]}


def disproved(home: Path) -> list[str]:
    """What they say against the house, a line for each offender."""
    found = proofs(home).values()
    wrong = [f"{one['rule']}: {words}" for one in found if one["state"] == "FAIL" for words in one["offenders"]]
    return wrong + [f"audit verify: {one}" for one in json.loads(_said(home, "audit", "verify", "--json"))["findings"]]


def _said(home: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 (ours)
        [Path(sys.executable).with_name("latchkey"), *words],
        env={"PATH": os.defpath, "LATCHKEY_HOME": str(home)},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr  # where it also says how far it is
    return done.stdout
