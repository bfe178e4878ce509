"""`latchkey events`, `keys`, `resource-servers` and `restored`: what keeps a deployment in order."""

import argparse

from latchkey_cli.usage import Commands


def add(commands: Commands) -> None:
    _add_events(commands.add_parser("events", help="events that a service could not read or apply"))
    _add_keys(commands.add_parser("keys", help="the keys that sign access tokens"))
    _add_resource_servers(commands.add_parser("resource-servers", help="servers of others that check our tokens"))
    restored = commands.add_parser("restored", help="after a restore of the token database: end every connection")
    restored.set_defaults(command=_restored)


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
