"""The MCP SDK's server: what it says of itself, and which of our functions it calls."""

import contextlib
import importlib.metadata
from collections.abc import AsyncIterator

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from latchkey_mcp.calls import Calls

_INSTRUCTIONS = (
    "Work with the data of one workspace on behalf of one user. Call get_model_actions first, then "
    "get_model_action_parameters for what you want to do, then perform_model_action. "
    "You never see or change more than the user may, and than the user allowed."
)


@contextlib.asynccontextmanager
async def session_manager(calls: Calls) -> AsyncIterator[StreamableHTTPSessionManager]:
    """Run the SDK for the time of the block; it keeps no sessions."""
    server: Server[None] = Server(
        "latchkey",
        version=importlib.metadata.version("latchkey-mcp"),
        title="Latchkey",
        instructions=_INSTRUCTIONS,
        on_list_tools=calls.list_tools,
        on_call_tool=calls.call_tool,
    )
    # The endpoint checks the Origin itself, and nothing is answered without a bearer: a rebound name gains nothing.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    manager = StreamableHTTPSessionManager(app=server, stateless=True, json_response=True, security_settings=security)
    async with manager.run():
        yield manager
