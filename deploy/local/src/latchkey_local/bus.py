"""NATS for the stack: its configuration, with our passwords."""

from latchkey_embedded import Nats
from latchkey_local.addresses import Addresses
from latchkey_local.credentials import Credentials
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.services import SERVICES

FOLDER = CHECKOUT / "deploy" / "nats"
DEPLOY = "deploy"


def server(home: Home, addresses: Addresses, credentials: Credentials) -> Nats:
    """Return the server, not started yet."""
    users = [DEPLOY, *(service.name for service in SERVICES)]
    env = {f"LATCHKEY_NATS_{name.upper().replace('-', '_')}": credentials.nats(name) for name in users}
    config = (FOLDER / "server.conf").read_text()
    return Nats(home.nats, config, env, port=addresses.ports["nats"], monitor_port=addresses.ports["nats-monitor"])


async def provide(url: str, password: str) -> None:
    """Make the stream, or bring the one there up to what is written in stream.toml."""
    # Here and not above: the import takes half a second, in which the other parts are already starting.
    from latchkey_local import stream  # noqa: PLC0415

    await stream.provide(url, DEPLOY, password)
