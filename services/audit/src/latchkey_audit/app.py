"""Wiring of the audit service."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_audit import routes
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.settings import Settings
from latchkey_audit.store import events
from latchkey_contracts.api import Api
from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.service import Surface
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "audit"
_EVERYTHING = "lk.v1.>"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            db.connect(settings.database_url.reveal(), pool=settings.database_pool, application=_NAME)
        )
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        audience = Api(settings.origin).rest
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, (audience,), session=session, bus=nats, clock=clock)
        )
        await stack.enter_async_context(
            consuming(database, nats, durable=_NAME, subjects=_EVERYTHING, apply=events.add)
        )
        yield Surface(
            public=routes.public(AuditEvents(database, Guard.of(verifier, audience))),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )
