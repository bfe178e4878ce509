"""Wiring of the feed's own process: its port and its connections are nobody else's, so no flood can starve it."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_token import routes
from latchkey_token.handlers.feed import Feed
from latchkey_token.handlers.jwks import StoredKeySet
from latchkey_token.heads import Heads
from latchkey_token.settings import HeadsSettings

_NAME = "heads"


@contextlib.asynccontextmanager
async def running(settings: HeadsSettings, _clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with db.connect(
        settings.database_url.reveal(), pool=settings.database_pool, application=f"token-{_NAME}"
    ) as database:
        yield Surface(
            internal=routes.heads(feed=Feed(Heads(database)).get, jwks=StoredKeySet(database).get),
            checks={"database": database.problem},
        )
