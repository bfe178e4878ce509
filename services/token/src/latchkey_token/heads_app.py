"""Wiring of the feed's own process: its port and its connections are nobody else's, so no flood can starve it."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_token import routes
from latchkey_token.clients.resource_servers import ResourceServers
from latchkey_token.feed.heads import Heads
from latchkey_token.handlers.feed import Feed
from latchkey_token.handlers.jwks import StoredKeySet
from latchkey_token.settings import HeadsSettings


@contextlib.asynccontextmanager
async def running(settings: HeadsSettings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with opening.database(settings, "token-heads") as database:
        guests = ResourceServers(database, clock).is_one
        yield Surface(
            internal=routes.heads(feed=Feed(Heads(database)), jwks=StoredKeySet(database), guests=guests),
            checks={"database": database.problem},
        )
