"""`latchkey demo token EMAIL`: an access token to try the API with, and nothing else on standard output."""

import os
import sys

import aiohttp

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import App, Credentials
from latchkey_cli.demo.house import House, away, the_house
from latchkey_cli.errors import CommandError
from latchkey_contracts.ids import is_id

_PASSWORD = "ADMIN_PASSWORD"  # noqa: S105 - the variable's name, which bootstrap reads, too


async def run(email: str, client: str) -> None:
    """Sign in, authorize a client of the demo, or a public one by its id, and print the token.

    Raises:
        CommandError: there is no stack, or no such client, or the sign-in or the consent did not work.

    """
    there = the_house()
    credentials, password = _credentials(there, client), _password(there, email)
    try:
        async with aiohttp.ClientSession() as session, Browser(email, password) as person:
            app = App(session, there.origin, credentials)
            tokens = await app.connect(person, resources=(f"{there.origin}/v1",))
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise away(there, error) from None
    sys.stdout.write(f"{tokens.access_token}\n")


def _credentials(there: House, client: str) -> Credentials:
    if client in there.clients:
        return there.client(client)
    if is_id(client):
        return Credentials(client_id=client)
    raise CommandError(f"the demo has no client {client!r}, but {', '.join(there.clients)}; or give a public one's id")


def _password(there: House, email: str) -> str:
    if email in there.users:
        return str(there.users[email]["password"])
    given = os.environ.get(_PASSWORD)
    if given is None:
        raise CommandError(f"{email} is not of the demo; set {_PASSWORD} to their password")
    return given
