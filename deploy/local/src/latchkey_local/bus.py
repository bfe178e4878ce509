"""NATS for the stack: its configuration, with our passwords."""

from latchkey_embedded import Nats
from latchkey_local.addresses import Addresses
from latchkey_local.brought import Brought
from latchkey_local.credentials import Credentials
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.services import OWNERS, variable

FOLDER = CHECKOUT / "deploy" / "nats"
DEPLOY = "deploy"


def server(home: Home, addresses: Addresses, credentials: Credentials) -> Nats:
    """Return the server, not started yet."""
    users = [DEPLOY, *(service.name for service in OWNERS if service.events)]
    env = {f"LATCHKEY_NATS_{variable(name)}": credentials.nats(name) for name in users}
    config = (FOLDER / "server.conf").read_text()
    return Nats(home.nats, config, env, port=addresses.ports["nats"], monitor_port=addresses.ports["nats-monitor"])


async def provide(addresses: Addresses, credentials: Credentials, brought: Brought) -> None:
    """Make the stream and its consumers, or bring those there up to what is written in stream.toml."""
    # Here and not above: the import takes half a second, in which the other parts are already starting.
    from latchkey_local import stream  # noqa: PLC0415

    await stream.provide(*_deployer(addresses, credentials, brought))


async def keep_stream(addresses: Addresses, credentials: Credentials, brought: Brought) -> None:
    """Make them again whenever NATS is there without them, for ever."""
    from latchkey_local import stream  # noqa: PLC0415 (as in provide)

    await stream.keep(*_deployer(addresses, credentials, brought))


def _deployer(addresses: Addresses, credentials: Credentials, brought: Brought) -> tuple[str, str, str]:
    """Return address, user and password of who may make streams."""
    if brought.nats_url:
        return brought.nats_url, brought.nats_user, brought.nats_password
    return addresses.nats_url, DEPLOY, credentials.nats(DEPLOY)
