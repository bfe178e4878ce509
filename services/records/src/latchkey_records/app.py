"""Wiring of the records service."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_contracts.api import Api
from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_records import routes
from latchkey_records.domain.catalogue import CATALOGUE, KINDS
from latchkey_records.handlers.assistant import Assistant
from latchkey_records.handlers.load import Load
from latchkey_records.handlers.metadata import Metadata
from latchkey_records.handlers.rest import Rest
from latchkey_records.operations import Operations
from latchkey_records.registration import registering
from latchkey_records.settings import Settings
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "records"
_SCOPE = "inclusive"


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
        api = Api(settings.origin)
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, api.audiences, session=session, bus=nats, clock=clock)
        )
        permissions = Peer(session, settings.permissions_url, _NAME, settings.internal_secret.reveal())
        registration = await stack.enter_async_context(registering(permissions, CATALOGUE))
        operations = Operations(database, Outbox(_NAME, clock, entropy), verifier, clock, entropy)
        guard = Guard.of(verifier, api.rest, _SCOPE)
        yield Surface(
            public=routes.public(
                Metadata(api.rest, settings.origin, _SCOPE),
                [(kind.route, Rest(kind, operations, verifier, guard)) for kind in KINDS],
            ),
            internal=routes.internal(
                Assistant(operations, verifier, api.mcp), Load(database, local_mode=settings.local_mode)
            ),
            checks={
                "database": database.problem,
                "verifier": verifier.readiness,
                "catalogue": registration.problem,
            },
        )
