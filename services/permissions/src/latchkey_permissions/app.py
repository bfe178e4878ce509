"""Wiring of the permissions service."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
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
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        opening.peers(settings, _NAME) as peers,
        carrying(database, peers.at(settings.token_url)) as courier,
    ):
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
