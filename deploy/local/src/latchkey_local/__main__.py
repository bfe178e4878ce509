"""`python -m latchkey_local up | down | status | logs [part] [-f] | reset`."""

import argparse
import os
import sys

from latchkey_local.down import down, reset
from latchkey_local.errors import StackError
from latchkey_local.home import Home
from latchkey_local.logs import PARTS, logs
from latchkey_local.status import status
from latchkey_local.up import up

INTERRUPTED = 130


def main() -> int:
    asked = _parser().parse_args()
    home = Home.from_environment(os.environ)
    try:
        match str(asked.command):
            case "up":
                up(home, os.environ)
            case "down":
                down(home)
            case "reset":
                reset(home)
            case "status":
                return 0 if status(home) else 1
            case "logs":
                logs(home, asked.part, follow=asked.follow)
            case unknown:
                raise AssertionError(unknown)  # argparse knows no others
    except StackError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head`: nobody reads on
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m latchkey_local",
        description="The whole stack on one machine. LATCHKEY_PORT moves the origin, LATCHKEY_HOME the data folder.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything and wait until it is ready")
    commands.add_parser("down", help="stop everything; the data stays")
    commands.add_parser("status", help="show each part: process, state, memory")
    commands.add_parser("reset", help="stop everything and remove the data")
    shown = commands.add_parser("logs", help="show what the parts wrote")
    shown.add_argument("part", nargs="?", help=", ".join(PARTS))
    shown.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    return parser


if __name__ == "__main__":
    sys.exit(main())
