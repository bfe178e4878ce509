"""The demo data: made once for each data folder, by the command that knows how."""

from latchkey_embedded import PartError, Postgres
from latchkey_local import environment
from latchkey_local.addresses import Addresses
from latchkey_local.brought import Brought
from latchkey_local.commands import finished
from latchkey_local.credentials import Credentials
from latchkey_local.files import read_json, write_json
from latchkey_local.home import Home
from latchkey_local.services import script


async def seed(
    home: Home, addresses: Addresses, credentials: Credentials, postgres: Postgres | Brought, brought: Brought
) -> None:
    """Run `latchkey demo-data` unless its result is there, as new as the data and for this origin."""
    env = environment.of_operator(home, addresses, credentials, postgres, brought)
    write_json(home.operator, env)
    if _done(home, addresses, brought):
        return
    command = await finished("demo-data", [script("latchkey"), "demo-data"], home, env)
    if command.returncode != 0:
        raise PartError(f"The demo data could not be made: {command.last_words()} (Its log: {command.log})")


def _done(home: Home, addresses: Addresses, brought: Brought) -> bool:
    told = read_json(home.demo)
    if (told.get("origin"), told.get("nats_url")) != (addresses.origin, addresses.streams_url):
        return False
    made = home.postgres / "data" / "PG_VERSION"  # written when the data folder was made, and never after
    return bool(brought.database_url) or home.demo.stat().st_mtime >= made.stat().st_mtime
