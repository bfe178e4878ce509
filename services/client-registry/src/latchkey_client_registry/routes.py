"""Path → handler."""

from latchkey_client_registry.handlers.lookups import Lookups
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.operator import Operator
from latchkey_contracts.requests.clients import ClientsGet, GateGet
from latchkey_contracts.requests.operator import ClientPut, LabsPut
from latchkey_kit.web.routes import Route, api, asked


def public(oauth_clients: OAuthClients) -> tuple[Route, ...]:
    return (
        api("POST", "/v1/oauth-clients", oauth_clients.create, open_to_browsers=True),
        api("GET", "/v1/oauth-clients", oauth_clients.list, open_to_browsers=True),
        api("GET", "/v1/oauth-clients/{client_id}", oauth_clients.get, open_to_browsers=True),
        api("PATCH", "/v1/oauth-clients/{client_id}", oauth_clients.edit, open_to_browsers=True),
    )


def internal(lookups: Lookups, operator: Operator) -> tuple[Route, ...]:
    return (
        asked(ClientsGet.path, lookups.client, by={"auth"}),
        asked(GateGet.path, lookups.gate, by={"token"}),
        asked(LabsPut.path, operator.put_labs, by={"operator"}),
        asked(ClientPut.path, operator.put_client, by={"operator"}),
    )
