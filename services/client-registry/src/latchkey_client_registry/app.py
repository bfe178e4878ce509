"""Wiring of the client registry."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_client_registry import routes
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.requests import Requests
from latchkey_client_registry.registration import Registration
from latchkey_client_registry.settings import Settings
from latchkey_contracts.api import Api
from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "client-registry"


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
        secret = settings.internal_secret.reveal()
        token = Peer(session, settings.token_url, _NAME, secret)
        permissions = Peer(session, settings.permissions_url, _NAME, secret)
        audience = Api(settings.origin).rest
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, (audience,), session=session, bus=nats, clock=clock)
        )
        guard = Guard.of(verifier, audience)
        outbox = Outbox(_NAME, clock, entropy)
        registration = Registration(database, outbox, permissions, token, clock, entropy)
        yield Surface(
            public=routes.public(OAuthClients(database, guard, registration, permissions)),
            internal=routes.internal(Requests(database, registration)),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )
