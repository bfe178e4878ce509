"""Where the wheels put their programs."""

import shutil
import sysconfig
from pathlib import Path

from latchkey_embedded.errors import PartError


def program(name: str) -> Path:
    """Return the path of a program beside this Python's own scripts."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        raise PartError(f"{name} is not installed beside this Python. `make install` brings it.")
    return Path(found)
