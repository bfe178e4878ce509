"""Where the commands speak: one way out, so that a program's answer is never mixed up with a stray print."""

import sys


def say(*words: object, end: str = "\n") -> None:
    """Write a line for the person (or the pipe) in front of us."""
    sys.stdout.write(" ".join(map(str, words)) + end)
    sys.stdout.flush()
