"""Wiring of the MCP server."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_mcp import routes
from latchkey_mcp.calls import Calls
from latchkey_mcp.handlers.endpoint import Endpoint
from latchkey_mcp.handlers.metadata import metadata
from latchkey_mcp.sdk import session_manager
from latchkey_mcp.settings import Settings
from latchkey_oauth.metadata import protected_resource_url
from latchkey_verify import embedding
from latchkey_verify.web import INCLUSIVE, Guard

_NAME = "mcp"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    resource = Api(settings.origin).mcp
    async with (
        opening.nats(settings, _NAME) as nats,
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, resource, peers=peers, bus=nats, clock=clock) as verifier,
        session_manager(Calls(peers.at(settings.records_url))) as manager,
    ):
        guard = Guard.of(verifier, resource, INCLUSIVE)
        endpoint = Endpoint(manager, guard, settings.origin, protected_resource_url(resource))
        yield Surface(
            public=routes.public(endpoint, metadata(resource, settings.origin)),
            checks={"verifier": verifier.readiness},
        )
