"""What the operations answer, and what they are called: by handler. A test asks that every operation stands here."""

from typing import Any, Final

from latchkey_auth.handlers.members import Added, Removed, ShownMember
from latchkey_client_registry.handlers.blocks import BlockView
from latchkey_client_registry.handlers.views import ClientView
from latchkey_permissions.handlers.portfolios import ShownList
from latchkey_permissions.handlers.role_members import ShownAssignment
from latchkey_permissions.handlers.roles import ShownRole
from latchkey_token.handlers.connections import Many, ShownConnection
from latchkey_token.store.counting import Summed

LISTS: Final = frozenset(
    {
        "MembersApi.list", "OAuthClients.list", "RolesApi.list", "RoleMembers.list", "TeamsApi.list",
        "Connections.list", "Connections.summary", "AuditEvents.list", "AuditConsumers.list", "AuditCheckpoints.list",
        "AuditCheckpoints.entries",
    }
)  # fmt: skip
"""Those that answer a page: ``{"data": […], "next_cursor": …}``."""
ANSWERS: Final[dict[str, tuple[int, Any, str]]] = {
    "MembersApi.list": (200, ShownMember, "List members"),
    "MembersApi.add": (200, Added, "Add a former member again"),
    "MembersApi.remove": (200, Removed, "Remove a member"),
    "Connections.list": (200, ShownConnection, "List connections"),
    "Connections.summary": (200, Summed, "Count the living connections of clients"),
    "Connections.get": (200, ShownConnection, "Get a connection"),
    "Connections.disconnect": (204, None, "Disconnect a connection"),
    "Connections.disconnect_many": (200, Many, "Disconnect all connections of a client, of a user, or of both"),
    "OAuthClients.create": (201, ClientView, "Make an OAuth client"),
    "OAuthClients.list": (200, ClientView, "List OAuth clients"),
    "OAuthClients.get": (200, ClientView, "Get an OAuth client"),
    "OAuthClients.edit": (200, ClientView, "Change an OAuth client"),
    "ClientTurns.delete": (200, ClientView, "Delete an OAuth client"),
    "ClientTurns.disable": (200, ClientView, "Disable an OAuth client"),
    "ClientTurns.enable": (200, ClientView, "Enable an OAuth client"),
    "ClientTurns.regenerate": (200, ClientView, "Regenerate the secret, which ends every connection"),
    "ClientSecrets.add": (201, ClientView, "Add a second secret"),
    "ClientSecrets.retire": (200, ClientView, "Retire a secret"),
    "Logos.put": (200, ClientView, "Give an OAuth client a logo"),
    "Logos.drop": (200, ClientView, "Remove the logo of an OAuth client"),
    "Publishing.request": (200, ClientView, "Ask staff to publish an OAuth client"),
    "Publishing.withdraw": (200, ClientView, "Withdraw an OAuth client from publishing"),
    "Blocks.block": (200, BlockView, "Block an app in this workspace"),
    "Blocks.unblock": (200, BlockView, "Let an app in again"),
    "RolesApi.create": (201, ShownRole, "Make a role"),
    "RolesApi.list": (200, ShownRole, "List roles"),
    "RolesApi.get": (200, ShownRole, "Get a role"),
    "RolesApi.edit": (200, ShownRole, "Change a role"),
    "RolesApi.remove": (204, None, "Remove a role"),
    "RoleMembers.list": (200, ShownAssignment, "List who has a role"),
    "RoleMembers.put": (200, ShownAssignment, "Give somebody a role"),
    "RoleMembers.remove": (204, None, "Take a role away from somebody"),
    "TeamsApi.create": (201, dict[str, Any], "Make a team"),
    "TeamsApi.list": (200, dict[str, Any], "List teams"),
    "TeamsApi.get": (200, dict[str, Any], "Get a team"),
    "TeamsApi.edit": (200, dict[str, Any], "Change a team"),
    "TeamsApi.remove": (204, None, "Remove a team"),
    "Portfolios.get": (200, ShownList, "Get somebody's list of companies"),
    "Portfolios.put": (200, ShownList, "Replace somebody's list of companies"),
    "Why": (200, dict[str, Any], "Ask why something is allowed or refused"),
    "PutCatalogue": (200, dict[str, Any], "Register the data models of a resource server"),
    "AuditEvents.list": (200, dict[str, Any], "Search the audit log"),
    "AuditEvents.get": (200, dict[str, Any], "Get an entry of the audit log"),
    "Export": (200, str, "Export the audit log as CSV or NDJSON"),
    "Stream": (200, str, "Follow the audit log (server-sent events)"),
    "AuditConsumers.create": (201, dict[str, Any], "Make a stream of the audit log"),
    "AuditConsumers.list": (200, dict[str, Any], "List streams of the audit log"),
    "AuditConsumers.get": (200, dict[str, Any], "Get a stream, with its progress"),
    "AuditConsumers.replay": (200, dict[str, Any], "Replay a stream from a moment on"),
    "AuditConsumers.remove": (204, None, "Revoke a stream"),
    "AuditCheckpoints.list": (200, dict[str, Any], "List where the log was signed"),
    "AuditCheckpoints.entries": (200, dict[str, Any], "Get the chain, to verify it"),
}
