"""Small files that are whole or absent, and private."""

import os
from pathlib import Path
from typing import Any

import msgspec

from latchkey_local.errors import StackError


def write_private(path: Path, content: bytes) -> None:
    """Replace the file in one step; mode 0600."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write it as JSON that people can read."""
    write_private(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in the file; an empty one when there is no file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError:
        raise StackError(f"{path} cannot be read as JSON. Remove it, or start afresh with `make reset`.") from None
