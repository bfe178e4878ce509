"""Wiring of the audit service."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_audit import routes
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.ingest import ingesting
from latchkey_audit.receipts import Receipts
from latchkey_audit.settings import Settings
from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_kit.tasks import alongside
from latchkey_kit.web.dead_letters import dead_letter_routes
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "audit"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    audience = Api(settings.origin).rest
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
        opening.relay(settings, database, nats),
        ingesting(database, nats, kept=settings.retention_months) as letters,
        alongside(Receipts(database, nats, clock).send_for_ever()),
    ):
        yield Surface(
            public=routes.public(AuditEvents(database, Guard.of(verifier, audience))),
            internal=dead_letter_routes(letters),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )
