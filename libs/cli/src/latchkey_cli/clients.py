"""`latchkey clients compromised|lift CLIENT_ID`: staff bars a client whose secret was stolen, and lifts that."""

import sys
from typing import Literal

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import ask, operating
from latchkey_cli.turned import when
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.operator import ClientCompromised

_COMPROMISED = "{client}: every secret and connection of it is dead, and nobody can authorize it until it is lifted."
_LIFTED = "{client}: no longer barred as compromised. Its admin makes a new secret first (regenerate), if it had one."


async def run(action: Literal["compromised", "lift"], client: str) -> None:
    if not is_id(client):
        raise CommandError(f"{client!r} is no client id: those are 32 hexadecimal digits")
    async with operating() as operator:
        done = await ask(
            operator.client_registry, ClientCompromised(client=client, compromised=action == "compromised")
        )
    words = (_COMPROMISED if action == "compromised" else _LIFTED).format(client=client)
    sys.stdout.write(f"{words}{when(done)}\n")
