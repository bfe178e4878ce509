"""Path → handler."""

from latchkey_client_registry.handlers.blocks import Blocks
from latchkey_client_registry.handlers.client_secrets import ClientSecrets
from latchkey_client_registry.handlers.client_turns import ClientTurns
from latchkey_client_registry.handlers.logos import Logos
from latchkey_client_registry.handlers.lookups import Lookups
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.operator import Operator
from latchkey_client_registry.handlers.publish_requests import PublishRequests
from latchkey_client_registry.handlers.publishing import Publishing
from latchkey_client_registry.handlers.staff import Staff
from latchkey_client_registry.handlers.standings import Standings
from latchkey_contracts.requests.clients import ClientsGet, GateGet
from latchkey_contracts.requests.console import ClientsNamed, LabsOf
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic, ClientPut, LabsPut
from latchkey_contracts.requests.standing import StandingGet, StandingList
from latchkey_kit.web.routes import Handler, Route, api, asked

_ALL = "/v1/oauth-clients"
_ONE = f"{_ALL}/{{client_id}}"


def managed(
    oauth_clients: OAuthClients,
    secrets: ClientSecrets,
    turns: ClientTurns,
    blocks: Blocks,
    logos: Logos,
    publishing: Publishing,
) -> tuple[Route, ...]:
    """The management API: for bearers, and for people at the console."""
    return (
        _open("POST", _ALL, oauth_clients.create),
        _open("GET", _ALL, oauth_clients.list),
        _open("GET", _ONE, oauth_clients.get),
        _open("PATCH", _ONE, oauth_clients.edit),
        _open("DELETE", _ONE, turns.delete),
        _open("POST", f"{_ONE}/disable", turns.disable),
        _open("POST", f"{_ONE}/enable", turns.enable),
        _open("POST", f"{_ONE}/regenerate", turns.regenerate),
        _open("POST", f"{_ONE}/secrets", secrets.add),
        _open("DELETE", f"{_ONE}/secrets/{{secret_id}}", secrets.retire),
        _open("POST", f"{_ONE}/block", blocks.block),
        _open("DELETE", f"{_ONE}/block", blocks.unblock),
        _open("PUT", f"{_ONE}/logo", logos.put),
        _open("DELETE", f"{_ONE}/logo", logos.drop),
        _open("POST", f"{_ONE}/publish", publishing.request),
        _open("DELETE", f"{_ONE}/publish", publishing.withdraw),
    )


def pictures(logos: Logos) -> tuple[Route, ...]:
    """For every page, without anybody being known."""
    return (api("GET", "/logos/{client_id}/{file}", logos.show),)


def for_staff(staff: Staff, publish_requests: PublishRequests) -> tuple[Route, ...]:
    """For staff at the console."""
    return (
        _at_console("GET", "/v1/publish-requests", publish_requests.list),
        _at_console("POST", "/v1/publish-requests/{client_id}", publish_requests.decide),
        _at_console("GET", "/v1/all-clients", staff.clients),
        _at_console("PUT", "/v1/all-clients/{client_id}/dynamic", staff.dynamic),
        _at_console("PUT", "/v1/all-clients/{client_id}/compromised", staff.compromised),
        _at_console("GET", "/v1/labs", staff.labs),
        _at_console("PUT", "/v1/labs/{tenant}", staff.put_labs),
    )


def internal(lookups: Lookups, standings: Standings, operator: Operator) -> tuple[Route, ...]:
    return (
        asked(ClientsGet.path, lookups.client, by={"auth"}),
        asked(ClientsNamed.path, lookups.named, by={"console"}),
        asked(LabsOf.path, lookups.labs, by={"console"}),
        asked(GateGet.path, lookups.gate, by={"token"}),
        asked(StandingGet.path, standings.get, by={"token"}),
        asked(StandingList.path, standings.list, by={"token"}),
        asked(LabsPut.path, operator.put_labs, by={"operator"}),
        asked(ClientPut.path, operator.put_client, by={"operator"}),
        asked(ClientCompromised.path, operator.compromised, by={"operator"}),
        asked(ClientDynamic.path, operator.dynamic, by={"operator"}),
    )


def _open(method: str, path: str, handler: Handler) -> Route:
    return api(method, path, handler, open_to_browsers=True)


def _at_console(method: str, path: str, handler: Handler) -> Route:
    return asked(path, handler, by={"console"}, method=method)
