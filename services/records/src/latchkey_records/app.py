"""Wiring of the records service."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import sparing
from latchkey_kit.service import Surface
from latchkey_records import routes
from latchkey_records.domain.catalogue import CATALOGUE, KINDS
from latchkey_records.exports import Exports
from latchkey_records.handlers.assistant import Assistant
from latchkey_records.handlers.company_owner import OwnerOfCompany
from latchkey_records.handlers.door import Door
from latchkey_records.handlers.export import Export
from latchkey_records.handlers.load import Load
from latchkey_records.handlers.metadata import metadata
from latchkey_records.handlers.rest import Rest
from latchkey_records.operations import Operations
from latchkey_records.registration import registering
from latchkey_records.settings import Settings
from latchkey_verify import embedding
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import INCLUSIVE, Guard

_NAME = "records"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    api, outbox = Api(settings.origin), Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, *api.audiences, peers=peers, bus=nats, clock=clock) as verifier,
        registering(peers.at(settings.permissions_url), CATALOGUE) as registration,
        sparing(database, outbox, clock) as refusals,
    ):
        operations = Operations(database, outbox, verifier, clock, entropy)
        exports = Exports(database, outbox, verifier, clock, entropy)
        refused = RefusedAccess(refusals)
        door = Door(verifier, Guard.of(verifier, api.rest, INCLUSIVE), refused)
        yield Surface(
            public=routes.public(
                metadata(api.rest, settings.origin),
                [(kind.route, Rest(kind, operations, door), Export(kind, exports, door)) for kind in KINDS],
            ),
            internal=routes.internal(
                Assistant(operations, verifier, api.mcp, refused),
                Load(database, local_mode=settings.local_mode),
                OwnerOfCompany(database),
            ),
            checks={
                "database": database.problem,
                "verifier": verifier.readiness,
                "catalogue": registration.problem,
            },
        )
