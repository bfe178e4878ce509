"""Wiring of the audit service."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_audit import routes
from latchkey_audit.handlers.audit_events import AuditEvents
from latchkey_audit.settings import Settings
from latchkey_audit.store import events
from latchkey_kit import bus, db
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.inbox import consuming
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_verify.verifier import VerifierSettings, verifying
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
        secret = settings.internal_secret.reveal()
        audience = f"{settings.origin}/v1"
        verifier = await stack.enter_async_context(
            verifying(
                VerifierSettings(issuer=settings.origin, audiences=(audience,), name=_NAME),
                token=Peer(session, settings.token_url, _NAME, secret),
                permissions=Peer(session, settings.permissions_url, _NAME, secret),
                bus=nats,
                clock=clock,
            )
        )
        await stack.enter_async_context(
            consuming(database, nats, durable=_NAME, subjects=_EVERYTHING, apply=events.add)
        )
        guard = Guard(verifier, audience, f"{settings.origin}/.well-known/oauth-protected-resource/v1", scope=None)

        async def verifier_ready() -> str | None:
            return verifier.problem()

        yield Surface(
            public=routes.public(AuditEvents(database, guard)),
            checks={"database": database.problem, "verifier": verifier_ready},
        )
