"""Wiring of the edge."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_contracts.api import Api
from latchkey_edge import routes
from latchkey_edge.handlers.check import Check
from latchkey_edge.settings import Settings
from latchkey_kit import bus
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "edge"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        api = Api(settings.origin)
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, api.audiences, session=session, bus=nats, clock=clock)
        )
        # An app that names no scope gets its client's default; one at the MCP server is told to ask for "inclusive".
        check = Check(api=Guard.of(verifier, api.rest), mcp=Guard.of(verifier, api.mcp, "inclusive"))
        yield Surface(public=routes.public(check=check), checks={"verifier": verifier.readiness})
