"""Small files that are whole or absent, and private."""

import os
from pathlib import Path
from typing import Any

import msgspec

from latchkey_local.errors import StackError

_REMEDY = "Bring it back or remove it, or start afresh with `make reset`."


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


def read_json(path: Path, shape: type[dict[str, Any]] = dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object in the file, of this shape; an empty one when there is no file."""
    try:
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes(), type=shape)
    except FileNotFoundError:
        return {}
    except msgspec.ValidationError:
        raise StackError(f"{path} holds something else than we wrote. {_REMEDY}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise StackError(f"{path} cannot be read as JSON. {_REMEDY}") from None
    return found
