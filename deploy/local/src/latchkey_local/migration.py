"""Bringing a database to this release as the role that owns it, where its service logs in as another."""

from latchkey_embedded import PartError
from latchkey_local.commands import finished
from latchkey_local.home import Home
from latchkey_local.services import Service, script


async def migrate(service: Service, home: Home, env: dict[str, str]) -> None:
    """Run `latchkey-<service> migrate`. Raises PartError with its last words when it fails."""
    command = await finished(f"migrate-{service.name}", [script(f"latchkey-{service.name}"), "migrate"], home, env)
    if command.returncode != 0:
        raise PartError(f"The database of {service.name} stays as it was: {command.last_words()} (Log: {command.log})")
