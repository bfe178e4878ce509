"""What may be typed: each module adds its commands, and what runs when one is.

A command is imported when it runs: the demo needs the MCP client, the others should start fast.
"""

import argparse
from typing import Protocol


class Commands(Protocol):
    """What ``add_subparsers`` returns; argparse has no public name for it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...  # noqa: A002 - argparse's word
