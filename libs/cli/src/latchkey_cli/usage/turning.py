"""`latchkey clients`, `users` and `tenants`: what turns them, and so kills connections."""

import argparse
from typing import get_args

from latchkey_cli.usage import Commands
from latchkey_contracts.requests.audit import Months


def add(commands: Commands) -> None:
    _add_clients(commands.add_parser("clients", help="bar a client whose secret was stolen, or make one dynamic"))
    _add_users(commands.add_parser("users", help="disable a user everywhere, or enable them again"))
    _add_tenants(commands.add_parser("tenants", help="off-board a tenant, restore it, limit what it keeps"))


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


def _add_users(users: argparse.ArgumentParser) -> None:
    users.add_argument("action", choices=("disable", "enable"))
    users.add_argument("email", metavar="EMAIL")
    users.set_defaults(command=_users)


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


def _seconds(text: str) -> int | None:
    return None if text == "none" else int(text)


async def _clients(arguments: argparse.Namespace) -> None:
    from latchkey_cli import clients  # noqa: PLC0415

    await clients.run(arguments.action, arguments.client)


async def _clients_dynamic(arguments: argparse.Namespace) -> None:
    from latchkey_cli import clients  # noqa: PLC0415

    await clients.dynamic(arguments.client, on=arguments.switch == "on")


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
