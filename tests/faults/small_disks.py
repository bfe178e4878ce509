"""Disks that are full when we want them to be."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 1_000_000
WITHOUT_ROOT = "a small disk is a tmpfs of our own, and mounting one needs root"


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a disk of that size for the time of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes * MEGABYTE},mode=0711"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "latchkey-test", folder], check=True)  # noqa: S603, S607 (ours)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607 (ours)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Take all the room that is left on the disk of a folder; it is free again after the block."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb") as file:
            size = 0
            while free := os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize:
                with contextlib.suppress(OSError):  # others take room, too
                    os.posix_fallocate(file.fileno(), size, free)
                    size += free
        yield
    finally:
        ballast.unlink()
