"""`latchkey resource-servers`: servers of others that check our tokens."""

import sys

from latchkey_cli.operator import ask, operating
from latchkey_contracts.requests.resource_servers import ResourceServerAdd, ResourceServerRemove, ResourceServersList


async def show() -> None:
    async with operating() as operator:
        found = await ask(operator.token, ResourceServersList())
    for one in found.resource_servers:
        sys.stdout.write(f"{one.name}  {one.audience}\n")


async def add(name: str, audience: str) -> None:
    async with operating() as operator:
        added = await ask(operator.token, ResourceServerAdd(name=name, audience=audience))
        origin = operator.settings.origin
    sys.stdout.write(
        f"{name} may introspect tokens for {audience} at {origin}/oauth/introspect, and read the feed.\n"
        f"Its secret, for HTTP Basic with its name; it is shown this once: {added.secret}\n"
    )


async def remove(name: str) -> None:
    async with operating() as operator:
        await ask(operator.token, ResourceServerRemove(name=name))
    sys.stdout.write(f"{name} is gone. Its secret opens nothing any more.\n")
