"""Wiring of the MCP server."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from latchkey_contracts.api import Api
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_mcp import routes
from latchkey_mcp.calls import Calls
from latchkey_mcp.handlers.endpoint import SCOPE, Endpoint
from latchkey_mcp.handlers.metadata import Metadata
from latchkey_mcp.settings import Settings
from latchkey_oauth.metadata import protected_resource_url
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "mcp"
_INSTRUCTIONS = (
    "Work with the data of one workspace on behalf of one user. Call get_model_actions first, then "
    "get_model_action_parameters for what you want to do, then perform_model_action. "
    "You never see or change more than the user may, and than the user allowed."
)


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, _entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        resource = Api(settings.origin).mcp
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, (resource,), session=session, bus=nats, clock=clock)
        )
        records = Peer(session, settings.records_url, _NAME, settings.internal_secret.reveal())
        manager = _manager(Calls(records))
        await stack.enter_async_context(manager.run())
        guard = Guard.of(verifier, resource, SCOPE)
        yield Surface(
            public=routes.public(
                Endpoint(manager, guard, settings.origin, protected_resource_url(resource)),
                Metadata(resource, settings.origin),
            ),
            checks={"verifier": verifier.readiness},
        )


def _manager(calls: Calls) -> StreamableHTTPSessionManager:
    server: Server[None] = Server(
        "latchkey",
        version="0.1.0",
        title="Latchkey",
        instructions=_INSTRUCTIONS,
        on_list_tools=calls.list_tools,
        on_call_tool=calls.call_tool,
    )
    # The endpoint checks the Origin itself, and nothing is answered without a bearer: a rebound name gains nothing.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return StreamableHTTPSessionManager(app=server, stateless=True, json_response=True, security_settings=security)
