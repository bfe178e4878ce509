"""Wiring of the edge."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from latchkey_contracts.api import Api
from latchkey_edge import routes
from latchkey_edge.handlers.check import Check
from latchkey_edge.settings import Settings
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.service import Surface
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "edge"
_SCOPE = "inclusive"
"""What an app without a token is told to ask for: as much as client and user have in common."""


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
        check = Check(api=Guard.of(verifier, api.rest, _SCOPE), mcp=Guard.of(verifier, api.mcp, _SCOPE))
        yield Surface(public=routes.public(check=check), checks={"verifier": verifier.readiness})
