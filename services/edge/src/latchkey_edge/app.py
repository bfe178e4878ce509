"""Wiring of the edge."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_edge import routes
from latchkey_edge.handlers.check import Check
from latchkey_edge.settings import Settings
from latchkey_kit import bus
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_oauth.metadata import protected_resource_url
from latchkey_verify.verifier import Verifier, VerifierSettings, verifying
from latchkey_verify.web import Guard

_NAME = "edge"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        secret = settings.internal_secret.reveal()
        api, mcp = f"{settings.origin}/v1", f"{settings.origin}/v1/mcp"
        verifier = await stack.enter_async_context(
            verifying(
                VerifierSettings(issuer=settings.origin, audiences=(api, mcp), name=_NAME),
                token=Peer(session, settings.token_url, _NAME, secret),
                permissions=Peer(session, settings.permissions_url, _NAME, secret),
                bus=nats,
                clock=clock,
            )
        )
        # An app that names no scope gets its client's default; one at the MCP server is told to ask for "inclusive".
        check = Check(api=_guard(verifier, api, None), mcp=_guard(verifier, mcp, "inclusive"))
        yield Surface(public=routes.public(check=check), checks={"verifier": verifier.readiness})


def _guard(verifier: Verifier, resource: str, scope: str | None) -> Guard:
    return Guard(verifier, resource, protected_resource_url(resource), scope)
