"""docs/settings.md says what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_settings_page_is_what_the_code_says():
    made = subprocess.run(
        [sys.executable, "-m", "latchkey_local.settings_page"], check=True, capture_output=True, text=True
    ).stdout
    assert (ROOT / "docs" / "settings.md").read_text() == made, "run `make docs`"
    meanings = [line.split("|")[4].strip() for line in made.splitlines() if line.startswith("| `")]
    assert all(meanings), "every setting says what it means"
