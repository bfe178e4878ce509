"""Path → handler."""

from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.requests import Requests
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


def internal(requests: Requests) -> tuple[Route, ...]:
    return (
        asked(ClientsGet.path, requests.clients_get, by={"auth"}),
        asked(GateGet.path, requests.gate_get, by={"token"}),
        asked(LabsPut.path, requests.labs_put, by={"operator"}),
        asked(ClientPut.path, requests.client_put, by={"operator"}),
    )
