"""`latchkey clients`: staff bars a client whose secret was stolen, lifts that, or makes a client dynamic."""

import sys
from typing import Final, Literal

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import ask, operating
from latchkey_cli.turned import when
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic

_COMPROMISED: Final = (
    "{client}: every secret and connection of it is dead, and nobody can authorize it until it is lifted."
)
_LIFTED: Final = (
    "{client}: no longer barred as compromised. Its admin makes a new secret first (regenerate), if it had one."
)
_DYNAMIC: Final = {
    True: "{client}: dynamic. Each user picks from their whole role what it may do, whatever its own permissions are.",
    False: "{client}: held to its own permissions again, from the next request on.",
}


async def run(action: Literal["compromised", "lift"], client: str) -> None:
    """`latchkey clients compromised|lift CLIENT_ID`."""
    _check(client)
    async with operating() as operator:
        done = await ask(
            operator.client_registry, ClientCompromised(client=client, compromised=action == "compromised")
        )
    words = (_COMPROMISED if action == "compromised" else _LIFTED).format(client=client)
    sys.stdout.write(f"{words}{when(done)}\n")


async def dynamic(client: str, *, on: bool) -> None:
    """`latchkey clients dynamic CLIENT_ID on|off`."""
    _check(client)
    async with operating() as operator:
        await ask(operator.client_registry, ClientDynamic(client=client, dynamic=on))
    sys.stdout.write(f"{_DYNAMIC[on].format(client=client)}\n")


def _check(client: str) -> None:
    if not is_id(client):
        raise CommandError(f"{client!r} is no client id: those are 32 hexadecimal digits")
