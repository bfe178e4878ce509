"""How the demo speaks, and how a step fails."""

import sys
import time

from latchkey_cli.errors import CommandError


def chapter(title: str) -> None:
    sys.stdout.write(f"\n── {title}\n")


def say(sentence: str) -> None:
    sys.stdout.write(f"   {sentence}\n")
    sys.stdout.flush()


def table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        sys.stdout.write(
            "     " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        )


def require(holds: object, what: str) -> None:
    """Go on only if it holds; else the demo ends with exit code 1."""
    if not holds:
        raise CommandError(f"the demo stops: {what}")


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def milliseconds(self) -> float:
        return (time.perf_counter() - self._start) * 1000
