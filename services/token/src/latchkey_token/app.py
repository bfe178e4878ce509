"""Wiring of the token service."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_kit import bus, db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.outbox import Outbox
from latchkey_kit.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_token import routes
from latchkey_token.settings import Settings

_NAME = "token"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            db.connect(settings.database_url.reveal(), pool=settings.database_pool, application=_NAME)
        )
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        await stack.enter_async_context(relaying(database, nats))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        outbox = Outbox(_NAME, clock, entropy)
        registry = Peer(session, settings.client_registry_url, _NAME, settings.internal_secret.reveal())

        # --- keys: signer and MAC keys, loaded or made
        # --- minting: gate, grants, token
        # --- killing: revoke, connections; feed, push; jwks, metadata
        yield Surface(
            public=routes.public(),
            internal=routes.inside(),
            checks={"database": database.problem},
        )
