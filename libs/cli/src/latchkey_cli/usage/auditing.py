"""`latchkey audit`: the log, and whether it is whole."""

import argparse

from latchkey_cli.usage import Commands
from latchkey_cli.usage.databases import database


def add(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="the log of everything that happened")
    actions = audit.add_subparsers(required=True, metavar="action")
    _add_verify(actions.add_parser("verify", help="name the first entry that was altered, removed, added or moved"))
    _add_tail(
        actions.add_parser("tail", help="show the newest entries of a tenant's log, and what comes; it is told of")
    )


def _add_verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("--tenant", metavar="NAME", help="of this one only: name, id, or _ for facts of no tenant")
    verify.add_argument("--checkpoints", metavar="FILE", help="what CHECKPOINT_FILE of the audit service holds")
    verify.add_argument(
        "--key", action="append", default=[], metavar="FILE",
        help="public keys, as /v1/audit-checkpoints/keys answers; else that of MASTER_KEY, if it is set",
    )  # fmt: skip
    verify.add_argument(
        "--database", action="append", default=[], type=database, metavar="SERVICE=URL",
        help="of audit, and of auth for tenants' names; on the one-machine stack none need be given",
    )  # fmt: skip
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(command=_audit_verify)


def _add_tail(tail: argparse.ArgumentParser) -> None:
    tail.add_argument("--tenant", metavar="NAME", required=True, help="name, id, or _ for facts of no tenant")
    tail.add_argument("--last", type=int, default=10, choices=range(201), metavar="N", help="so many at first (10)")
    tail.add_argument("--json", action="store_true", help="print a JSON object a line")
    for name, words in (
        ("since", "recorded by its source at this moment (RFC 3339) or later"), ("until", "and before this one"),
        ("action", "codes, or all of a kind, such as token.*; commas between"), ("user", "id of who acted"),
        ("client", "id of the app"), ("connection", "its id"), ("address", "of the caller"),
        ("about", "an id, wherever it stands: who acted, through which app, or whom or what it concerns"),
        ("result", "success, refused or failed"), ("q", "words, or beginnings of words, or an id"),
    ):  # fmt: skip
        tail.add_argument(f"--{name}", metavar=name.upper(), help=words)
    tail.set_defaults(command=_audit_tail)


async def _audit_tail(arguments: argparse.Namespace) -> None:
    from latchkey_cli import audit_tail  # noqa: PLC0415

    filters = {name: value for name in audit_tail.FILTERS if (value := getattr(arguments, name)) is not None}
    await audit_tail.run(arguments.tenant, filters, last=arguments.last, as_json=arguments.json)


async def _audit_verify(arguments: argparse.Namespace) -> int:
    from latchkey_cli.audit_verify import command  # noqa: PLC0415

    options = command.Options(
        databases=dict(arguments.database),
        tenant=arguments.tenant,
        checkpoints=arguments.checkpoints,
        keys=arguments.key,
        as_json=arguments.json,
    )
    return await command.run(options)
