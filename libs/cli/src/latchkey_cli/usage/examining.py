"""`latchkey doctor` and `check`: they look, and change nothing."""

import argparse

from latchkey_cli.usage import Commands
from latchkey_cli.usage.databases import database


def add(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="look at the whole deployment and say what is wrong with it")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(command=_doctor)
    _add_check(commands.add_parser("check", help="prove that databases, feed and logs agree; reads only"))


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "--database", action="append", default=[], type=database, metavar="SERVICE=URL",
        help="a database; on the one-machine stack none need be given",
    )  # fmt: skip
    check.add_argument("--logs", metavar="FOLDER", help="what the services wrote, as JSON lines")
    for option, default, words in (
        ("--patience", 30.0, "for what is under way to arrive"),
        ("--lease", 2.0, "that a verifier may trust what it knows"),
        ("--skew", 0.0, "by which the clocks of machines may differ"),
    ):
        check.add_argument(option, type=float, default=default, metavar="SECONDS", help=f"{words} ({default:g})")
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(command=_check)


async def _doctor(arguments: argparse.Namespace) -> int:
    from latchkey_cli.doctor import examination  # noqa: PLC0415

    return await examination.run(as_json=arguments.json)


async def _check(arguments: argparse.Namespace) -> int:
    from latchkey_cli.check import examination  # noqa: PLC0415

    options = examination.Options(
        databases=dict(arguments.database),
        logs=arguments.logs,
        patience=arguments.patience,
        lease=arguments.lease,
        skew=arguments.skew,
        as_json=arguments.json,
    )
    return await examination.run(options)
