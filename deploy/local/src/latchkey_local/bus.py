"""NATS for the stack: its configuration with our passwords, and the one stream."""

import tomllib
from typing import Any

import nats
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from latchkey_embedded import Nats
from latchkey_local.addresses import Addresses
from latchkey_local.credentials import Credentials
from latchkey_local.home import CHECKOUT, Home
from latchkey_local.services import SERVICES

FOLDER = CHECKOUT / "deploy" / "nats"
DEPLOY = "deploy"
SECONDS_PER_DAY = 86_400


def server(home: Home, addresses: Addresses, credentials: Credentials) -> Nats:
    """Return the server, not started yet."""
    users = [DEPLOY, *(service.name for service in SERVICES)]
    env = {f"LATCHKEY_NATS_{name.upper().replace('-', '_')}": credentials.nats(name) for name in users}
    config = (FOLDER / "server.conf").read_text()
    return Nats(home.nats, config, env, port=addresses.ports["nats"], monitor_port=addresses.ports["nats-monitor"])


async def provide(url: str, password: str) -> None:
    """Make the stream, or bring the one there up to what is written in stream.toml."""
    client = await nats.connect(
        url, user=DEPLOY, password=password, inbox_prefix=f"_INBOX_{DEPLOY}", allow_reconnect=False
    )
    try:
        stream, config = client.jetstream(), stream_config()
        try:
            await stream.update_stream(config)
        except NotFoundError:
            await stream.add_stream(config)
    finally:
        await client.close()


def stream_config() -> StreamConfig:
    """Return the stream as stream.toml has it."""
    text: dict[str, Any] = tomllib.loads((FOLDER / "stream.toml").read_text())
    return StreamConfig(
        name=text["name"],
        subjects=text["subjects"],
        storage=StorageType(text["storage"]),
        retention=RetentionPolicy(text["retention"]),
        max_age=text["max_age_days"] * SECONDS_PER_DAY,
        max_bytes=text["max_bytes"],
        discard=DiscardPolicy(text["discard"]),
        duplicate_window=text["duplicate_window_seconds"],
        deny_delete=text["deny_delete"],
        deny_purge=text["deny_purge"],
    )
