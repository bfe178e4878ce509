"""The running one-machine stack, as `make up` wrote it down."""

from typing import Any

import msgspec

from latchkey_cli.demo.browser import Browser
from latchkey_cli.demo.client import Credentials
from latchkey_cli.errors import CommandError
from latchkey_cli.operator import home


class House(msgspec.Struct, frozen=True, kw_only=True):
    """`demo.json`."""

    origin: str
    mcp_url: str
    users: dict[str, dict[str, Any]]
    clients: dict[str, dict[str, Any]]

    def client(self, name: str) -> Credentials:
        known = self.clients[name]
        return Credentials(client_id=known["client_id"], client_secret=known["client_secret"])

    def browser(self, email: str) -> Browser:
        return Browser(email, self.users[email]["password"])


def the_house() -> House:
    """Read it; `CommandError` when it cannot be read."""
    file = home() / "demo.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=House)
    except OSError:
        raise CommandError(f"{file} is not there; run `make up` first") from None
    except msgspec.MsgspecError:
        raise CommandError(f"{file} is damaged; run `make reset up`") from None


def away(there: House, error: Exception) -> CommandError:
    """What to say when nobody answers."""
    return CommandError(f"{there.origin} does not answer ({type(error).__name__}); is the stack up? `make up`")
