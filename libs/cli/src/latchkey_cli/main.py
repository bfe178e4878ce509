"""`latchkey`: what an operator types."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, get_args

from latchkey_cli.errors import CommandError
from latchkey_contracts.requests.audit import Months

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
    bootstrap = commands.add_parser("bootstrap", help="make the first tenant, its admin and a staff member")
    bootstrap.add_argument("--tenant", required=True, help="short name of the tenant, such as acme")
    bootstrap.add_argument("--admin", required=True, metavar="EMAIL", help="e-mail address of its admin")
    bootstrap.add_argument("--staff", metavar="EMAIL", help="e-mail address of a staff member")
    bootstrap.set_defaults(command=_bootstrap)
    demo_data = commands.add_parser("demo-data", help="fill a one-machine stack with the demo cast")
    demo_data.set_defaults(command=_demo_data)
    demo = commands.add_parser("demo", help="walk through the main story on a running one-machine stack")
    demo.set_defaults(command=_demo)
    _add_demo(demo)
    doctor = commands.add_parser("doctor", help="look at the whole deployment and say what is wrong with it")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(command=_doctor)
    _add_check(commands.add_parser("check", help="prove that databases, feed and logs agree; reads only"))
    _add_audit(commands.add_parser("audit", help="the log of everything that happened"))
    _add_clients(commands.add_parser("clients", help="bar a client whose secret was stolen, or make one dynamic"))
    users = commands.add_parser("users", help="disable a user everywhere, or enable them again")
    users.add_argument("action", choices=("disable", "enable"))
    users.add_argument("email", metavar="EMAIL")
    users.set_defaults(command=_users)
    _add_tenants(commands.add_parser("tenants", help="off-board a tenant, restore it, limit what it keeps"))
    _add_events(commands.add_parser("events", help="events that a service could not read or apply"))
    _add_keys(commands.add_parser("keys", help="the keys that sign access tokens"))
    _add_resource_servers(commands.add_parser("resource-servers", help="servers of others that check our tokens"))
    restored = commands.add_parser("restored", help="after a restore of the token database: end every connection")
    restored.set_defaults(command=_restored)
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    token = demo.add_subparsers(metavar="action").add_parser("token", help="print an access token for the API")
    token.add_argument("email", metavar="EMAIL", help="who signs in; with ADMIN_PASSWORD, if not of the demo")
    token.add_argument("--client", metavar="NAME", default="admin-cli", help="of the demo, or a public one's id")
    token.set_defaults(command=_demo_token)


def _add_clients(clients: argparse.ArgumentParser) -> None:
    actions = clients.add_subparsers(required=True, metavar="action")
    for action, words in (("compromised", "kill its secrets and connections, and bar it"), ("lift", "lift that")):
        turn = actions.add_parser(action, help=words)
        turn.add_argument("client", metavar="CLIENT_ID")
        turn.set_defaults(command=_clients, action=action)
    dynamic = actions.add_parser("dynamic", help="let users pick from their whole roles what it may do")
    dynamic.add_argument("client", metavar="CLIENT_ID")
    dynamic.add_argument("switch", choices=("on", "off"))
    dynamic.set_defaults(command=_clients_dynamic)


def _add_keys(keys: argparse.ArgumentParser) -> None:
    actions = keys.add_subparsers(required=True, metavar="action")
    actions.add_parser("list", help="show every key").set_defaults(command=_keys_list)
    rotate = actions.add_parser("rotate", help="let the next key sign; the former one stays published for a while")
    rotate.add_argument("--now", action="store_true", help="even if copies of the key set may lack the next key")
    rotate.set_defaults(command=_keys_rotate)
    retire = actions.add_parser("retire", help="take a key that does not sign out of the key set")
    retire.add_argument("kid", metavar="KID")
    retire.add_argument("--compromised", action="store_true", help="any key: all that it has signed is refused")
    retire.set_defaults(command=_keys_retire)


def _add_resource_servers(servers: argparse.ArgumentParser) -> None:
    actions = servers.add_subparsers(required=True, metavar="action")
    actions.add_parser("list", help="show them all").set_defaults(command=_resource_servers_list)
    add = actions.add_parser("add", help="add one, and show its secret once")
    add.add_argument("name", metavar="NAME", help="small letters, digits and hyphens")
    add.add_argument("audience", metavar="AUDIENCE", help="of the tokens that it checks, such as <origin>/v1")
    add.set_defaults(command=_resource_servers_add)
    remove = actions.add_parser("remove", help="remove one; its secret opens nothing any more")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(command=_resource_servers_remove)


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "--database", action="append", default=[], type=_database, metavar="SERVICE=URL",
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


def _database(text: str) -> tuple[str, str]:
    name, _, url = text.partition("=")
    services = ("auth", "token", "client-registry", "permissions", "records", "audit")
    if name not in services or not url.startswith(("postgresql://", "postgres://")):
        # The text is not repeated: there may be a password in it.
        raise argparse.ArgumentTypeError(f"SERVICE=postgresql://…, where SERVICE is one of {', '.join(services)}")
    return name, url


def _add_events(events: argparse.ArgumentParser) -> None:
    services = ("audit", "token")
    actions = events.add_subparsers(required=True, metavar="action")
    dead = actions.add_parser("dead", help="list those that were put aside")
    dead.add_argument("--service", choices=services, help="of this one only")
    dead.set_defaults(command=_events_dead)
    retry = actions.add_parser("retry", help="apply one again, or all")
    retry.add_argument("service", choices=services)
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", type=int, help="its number in the list")
    which.add_argument("--all", action="store_true", help="every one of the service")
    retry.set_defaults(command=_events_retry)


def _add_tenants(tenants: argparse.ArgumentParser) -> None:
    actions = tenants.add_subparsers(required=True, metavar="action")
    for action, words in (("off-board", "kill and bar every connection in it"), ("restore", "let it come back")):
        switch = actions.add_parser(action, help=words)
        switch.add_argument("name", metavar="NAME")
        switch.set_defaults(command=_tenants_switch, off_boarded=action == "off-board")
    limit = actions.add_parser("limit", help="how long its connections live; what is left out stays as it is")
    limit.add_argument("name", metavar="NAME")
    for option, words in (
        ("--refresh-token-lifetime", "seconds from each refresh on, or none"),
        ("--connection-lifetime", "seconds from the consent on, or none"),
    ):
        limit.add_argument(option, type=_seconds, default=argparse.SUPPRESS, metavar="SECONDS", help=words)
    limit.set_defaults(command=_tenants_limit)
    retention = actions.add_parser("retention", help="show for how long its audit log is kept, or say it")
    retention.add_argument("name", metavar="NAME")
    retention.add_argument("months", metavar="MONTHS", nargs="?", type=int, choices=get_args(Months))
    retention.set_defaults(command=_tenants_retention)


def _add_audit(audit: argparse.ArgumentParser) -> None:
    actions = audit.add_subparsers(required=True, metavar="action")
    verify = actions.add_parser("verify", help="name the first entry that was altered, removed, added or moved")
    verify.add_argument("--tenant", metavar="NAME", help="of this one only: name, id, or _ for facts of no tenant")
    verify.add_argument("--checkpoints", metavar="FILE", help="what CHECKPOINT_FILE of the audit service holds")
    verify.add_argument(
        "--key", action="append", default=[], metavar="FILE",
        help="public keys, as /v1/audit-checkpoints/keys answers; else that of MASTER_KEY, if it is set",
    )  # fmt: skip
    verify.add_argument(
        "--database", action="append", default=[], type=_database, metavar="SERVICE=URL",
        help="of audit, and of auth for tenants' names; on the one-machine stack none need be given",
    )  # fmt: skip
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(command=_audit_verify)
    tail = actions.add_parser("tail", help="show the newest entries of a tenant's log, and what comes; it is told of")
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


def _seconds(text: str) -> int | None:
    return None if text == "none" else int(text)


# Commands are imported when they run: the demo needs the MCP client, the others should start fast.
async def _bootstrap(arguments: argparse.Namespace) -> None:
    from latchkey_cli import bootstrap  # noqa: PLC0415

    await bootstrap.run(arguments.tenant, arguments.admin, arguments.staff)


async def _demo_data(_arguments: argparse.Namespace) -> None:
    from latchkey_cli.demo_data import load  # noqa: PLC0415

    await load.run()


async def _demo(_arguments: argparse.Namespace) -> None:
    from latchkey_cli.demo import walk  # noqa: PLC0415

    await walk.run()


async def _demo_token(arguments: argparse.Namespace) -> None:
    from latchkey_cli.demo import token  # noqa: PLC0415

    await token.run(arguments.email, arguments.client)


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


async def _clients(arguments: argparse.Namespace) -> None:
    from latchkey_cli import clients  # noqa: PLC0415

    await clients.run(arguments.action, arguments.client)


async def _clients_dynamic(arguments: argparse.Namespace) -> None:
    from latchkey_cli import clients  # noqa: PLC0415

    await clients.dynamic(arguments.client, on=arguments.switch == "on")


async def _events_dead(arguments: argparse.Namespace) -> None:
    from latchkey_cli import events  # noqa: PLC0415

    await events.dead(arguments.service)


async def _events_retry(arguments: argparse.Namespace) -> int:
    from latchkey_cli import events  # noqa: PLC0415

    return await events.retry(arguments.service, arguments.id)


async def _keys_list(_arguments: argparse.Namespace) -> None:
    from latchkey_cli import keys  # noqa: PLC0415

    await keys.show()


async def _keys_rotate(arguments: argparse.Namespace) -> None:
    from latchkey_cli import keys  # noqa: PLC0415

    await keys.rotate(now=arguments.now)


async def _keys_retire(arguments: argparse.Namespace) -> None:
    from latchkey_cli import keys  # noqa: PLC0415

    await keys.retire(arguments.kid, compromised=arguments.compromised)


async def _resource_servers_list(_arguments: argparse.Namespace) -> None:
    from latchkey_cli import resource_servers  # noqa: PLC0415

    await resource_servers.show()


async def _resource_servers_add(arguments: argparse.Namespace) -> None:
    from latchkey_cli import resource_servers  # noqa: PLC0415

    await resource_servers.add(arguments.name, arguments.audience)


async def _resource_servers_remove(arguments: argparse.Namespace) -> None:
    from latchkey_cli import resource_servers  # noqa: PLC0415

    await resource_servers.remove(arguments.name)


async def _restored(_arguments: argparse.Namespace) -> None:
    from latchkey_cli import restored  # noqa: PLC0415

    await restored.run()


async def _users(arguments: argparse.Namespace) -> None:
    from latchkey_cli import users  # noqa: PLC0415

    await users.run(arguments.email, disabled=arguments.action == "disable")


async def _tenants_switch(arguments: argparse.Namespace) -> None:
    from latchkey_cli import tenants  # noqa: PLC0415

    await tenants.switch(arguments.name, off_boarded=arguments.off_boarded)


async def _tenants_limit(arguments: argparse.Namespace) -> None:
    from latchkey_cli import tenants  # noqa: PLC0415

    await tenants.limit(
        arguments.name,
        refresh_token_lifetime=getattr(arguments, "refresh_token_lifetime", tenants.AS_IT_IS),
        connection_lifetime=getattr(arguments, "connection_lifetime", tenants.AS_IT_IS),
    )


async def _tenants_retention(arguments: argparse.Namespace) -> None:
    from latchkey_cli import tenants  # noqa: PLC0415

    await tenants.retention(arguments.name, arguments.months)
