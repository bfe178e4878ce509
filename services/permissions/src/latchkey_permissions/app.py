"""Wiring of the permissions service."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_permissions import routes
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.floor_courier import carrying
from latchkey_permissions.handlers.catalogue import PutCatalogue
from latchkey_permissions.handlers.ceilings import GetCeiling, PutCeiling
from latchkey_permissions.handlers.resolve import ResolvePermissions
from latchkey_permissions.handlers.rights import GetRights
from latchkey_permissions.handlers.roles import AssignRole, PutRole
from latchkey_permissions.settings import Settings

_NAME = "permissions"


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
        token = Peer(session, settings.token_url, _NAME, settings.internal_secret.reveal())
        courier = await stack.enter_async_context(carrying(database, token))
        outbox = Outbox(_NAME, clock, entropy)
        catalogue = SharedCatalogue()
        put_catalogue = PutCatalogue(database, outbox, settings.internal_callers)
        yield Surface(
            public=routes.public(put_catalogue),
            internal=routes.internal(
                put_catalogue=put_catalogue,
                resolve_permissions=ResolvePermissions(database, catalogue),
                get_rights=GetRights(database),
                put_ceiling=PutCeiling(database, outbox, catalogue, courier),
                get_ceiling=GetCeiling(database),
                put_role=PutRole(database, outbox, catalogue, courier, clock, entropy),
                assign_role=AssignRole(database, outbox, courier),
            ),
            checks={"database": database.problem},
        )
