"""Wiring of the edge."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_contracts.api import Api
from latchkey_edge import routes
from latchkey_edge.handlers.away import Away
from latchkey_edge.handlers.check import Check
from latchkey_edge.settings import Settings
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_look.pages import Pages
from latchkey_verify import embedding
from latchkey_verify.web import INCLUSIVE, Guard

_NAME = "edge"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    api = Api(settings.origin)
    async with (
        opening.nats(settings, _NAME) as nats,
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, *api.audiences, peers=peers, bus=nats, clock=clock) as verifier,
    ):
        check = Check(api=Guard.of(verifier, api.rest, INCLUSIVE), mcp=Guard.of(verifier, api.mcp, INCLUSIVE))
        away = Away(Pages("latchkey_edge", pseudo=settings.local_mode))
        yield Surface(public=routes.public(check=check, away=away), checks={"verifier": verifier.readiness})
