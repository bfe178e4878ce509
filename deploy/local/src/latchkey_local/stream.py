"""The one stream and its consumers, as deploy/nats/stream.toml has them."""

import nats

from latchkey_kit.messaging import stream
from latchkey_local.errors import StackError
from latchkey_local.home import CHECKOUT

FILE = CHECKOUT / "deploy" / "nats" / "stream.toml"


async def provide(url: str, user: str, password: str) -> None:
    """Make them, or bring those there up to date."""
    try:
        await stream.provide(url, user, password, stream.read(FILE))
    except (OSError, TimeoutError, nats.errors.Error) as problem:
        raise StackError(f"NATS cannot be used: {type(problem).__name__}: {problem}") from None


async def keep(url: str, user: str, password: str) -> None:
    """Make them again whenever they are missing, for ever: after NATS lost its files, or somebody deleted them."""
    await stream.keep(url, user, password, stream.read(FILE))
