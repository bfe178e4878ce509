"""`latchkey users disable|enable EMAIL`: a user who may not sign in anywhere, and may again."""

import sys

from latchkey_cli.operator import ask, operating
from latchkey_cli.turned import when
from latchkey_contracts.requests.people import UserSwitch

_DISABLED = "{email} is disabled: signed out everywhere, and every connection of theirs is dead."
_ENABLED = "{email} is enabled, and may sign in and connect apps again; what was cut stays dead."


async def run(email: str, *, disabled: bool) -> None:
    async with operating() as operator:
        done = await ask(operator.auth, UserSwitch(email=email, disabled=disabled))
    words = (_DISABLED if disabled else _ENABLED).format(email=email)
    sys.stdout.write(f"{words}{when(done)}\n")
