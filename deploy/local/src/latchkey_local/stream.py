"""The one stream, as deploy/nats/stream.toml has it."""

import tomllib
from typing import Any

import nats
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from latchkey_local.home import CHECKOUT

FILE = CHECKOUT / "deploy" / "nats" / "stream.toml"
SECONDS_PER_DAY = 86_400


async def provide(url: str, user: str, password: str) -> None:
    """Make the stream, or bring the one there up to date."""
    client = await nats.connect(url, user=user, password=password, inbox_prefix=f"_INBOX_{user}", allow_reconnect=False)
    try:
        streams, wanted = client.jetstream(), _config()
        try:
            await streams.update_stream(wanted)
        except NotFoundError:
            await streams.add_stream(wanted)
    finally:
        await client.close()


def _config() -> StreamConfig:
    text: dict[str, Any] = tomllib.loads(FILE.read_text())
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
