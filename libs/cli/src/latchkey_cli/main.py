"""`latchkey`: what an operator types."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from latchkey_cli.errors import CommandError
from latchkey_cli.usage import auditing, examining, keeping, starting, turning

Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int | None]]
"""Returns the exit code, if it is not 0."""


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 refused or failed (one sentence on stderr), 2 wrong usage."""
    arguments = _parser().parse_args()
    command: Command = arguments.command
    try:
        sys.exit(asyncio.run(command(arguments)))
    except CommandError as error:
        sys.exit(f"latchkey: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="latchkey", description="Run Latchkey from the command line.")
    commands = parser.add_subparsers(required=True, metavar="command")
    for group in (starting, examining, auditing, turning, keeping):
        group.add(commands)
    return parser
