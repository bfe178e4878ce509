"""`latchkey bootstrap`, `demo-data` and `demo`: what fills a new deployment."""

import argparse

from latchkey_cli.usage import Commands


def add(commands: Commands) -> None:
    bootstrap = commands.add_parser("bootstrap", help="make the first tenant, its admin and a staff member")
    bootstrap.add_argument("--tenant", required=True, help="short name of the tenant, such as acme")
    bootstrap.add_argument("--admin", required=True, metavar="EMAIL", help="e-mail address of its admin")
    bootstrap.add_argument("--staff", metavar="EMAIL", help="e-mail address of a staff member")
    bootstrap.set_defaults(command=_bootstrap)
    demo_data = commands.add_parser("demo-data", help="fill a one-machine stack with the demo cast")
    demo_data.set_defaults(command=_demo_data)
    demo = commands.add_parser("demo", help="walk through the main story on a running one-machine stack")
    demo.set_defaults(command=_demo)
    _add_token(demo)


def _add_token(demo: argparse.ArgumentParser) -> None:
    token = demo.add_subparsers(metavar="action").add_parser("token", help="print an access token for the API")
    token.add_argument("email", metavar="EMAIL", help="who signs in; with ADMIN_PASSWORD, if not of the demo")
    token.add_argument("--client", metavar="NAME", default="admin-cli", help="of the demo, or a public one's id")
    token.set_defaults(command=_demo_token)


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
