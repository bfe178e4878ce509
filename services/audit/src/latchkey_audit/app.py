"""Wiring of the audit service."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_audit import routes
from latchkey_audit.handlers.audit_checkpoints import AuditCheckpoints
from latchkey_audit.handlers.audit_consumers import AuditConsumers
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.handlers.door import Door
from latchkey_audit.handlers.export import Export
from latchkey_audit.handlers.retention import Retention
from latchkey_audit.handlers.stream import Stream
from latchkey_audit.ingest import ingesting
from latchkey_audit.proof.proving import proving
from latchkey_audit.receipts import Receipts
from latchkey_audit.settings import Settings
from latchkey_audit.streams.streaming import streaming
from latchkey_audit.tail import following
from latchkey_audit.views import Views
from latchkey_contracts.api import Api
from latchkey_contracts.seals import Keys
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import sparing
from latchkey_kit.service import Surface
from latchkey_kit.tasks import alongside
from latchkey_kit.web.dead_letters import dead_letter_routes
from latchkey_kit.web.published import Published
from latchkey_kit.web.routes import for_console
from latchkey_verify import embedding
from latchkey_verify.management import Management
from latchkey_verify.people import people_of
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard

_NAME, _READERS = "audit", "audit-readers"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    audience, outbox = Api(settings.origin).rest, Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        opening.database(settings, _READERS, pool=4) as readers,  # who searches long does not hold up what arrives
        opening.nats(settings, _NAME) as nats,
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
        opening.relay(settings, database, nats),
        proving(settings, database, outbox, clock) as key,
        ingesting(database, nats, kept=settings.retention_months) as letters,
        alongside(Receipts(database, nats, clock).send_for_ever()),
        sparing(database, outbox, clock) as refusals,
        streaming(settings, database, outbox, clock) as streams,
        following(readers, committed=database) as tail,
    ):
        people = people_of(
            _NAME,
            issuer=settings.origin,
            auth=peers.at(settings.auth_url),
            permissions=peers.at(settings.permissions_url),
            clock=clock,
        )
        management = Management(Guard.of(verifier, audience, refused=RefusedAccess(refusals)), people)
        door, views, operators = Door(management), Views(database, outbox, clock), Door(None)
        public = routes.public(
            AuditEvents(readers, door, views), Export(readers, door, views, clock), Stream(door, views, tail)
        )
        if streams is not None:
            managed = AuditConsumers(database, management, streams, clock, entropy)
            public += routes.consumers(managed)
        public += routes.proof(AuditCheckpoints(database, management, views), Published(Keys((key.public,))))
        retention = Retention(database, outbox, usual=settings.retention_months)
        yield Surface(
            public=public,
            internal=(
                *dead_letter_routes(letters),
                *for_console(public),
                *routes.internal(retention, AuditEvents(readers, operators, views), Stream(operators, views, tail)),
            ),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )
