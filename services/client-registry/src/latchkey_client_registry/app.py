"""Wiring of the client registry."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_client_registry import routes
from latchkey_client_registry.handlers.lookups import Lookups
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.operator import Operator
from latchkey_client_registry.registration import Registration
from latchkey_client_registry.settings import Settings
from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.service import Surface
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "client-registry"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    audience = Api(settings.origin).rest
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        relaying(database, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
    ):
        token, permissions = peers.at(settings.token_url), peers.at(settings.permissions_url)
        outbox = Outbox(_NAME, clock, entropy)
        registration = Registration(database, outbox, permissions, token, clock, entropy)
        yield Surface(
            public=routes.public(OAuthClients(database, Guard.of(verifier, audience), registration, permissions)),
            internal=routes.internal(Lookups(database, registration), Operator(database, registration)),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )
