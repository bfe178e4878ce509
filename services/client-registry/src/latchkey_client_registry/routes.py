"""Path → handler."""

from latchkey_client_registry.handlers.blocks import Blocks
from latchkey_client_registry.handlers.client_secrets import ClientSecrets
from latchkey_client_registry.handlers.client_turns import ClientTurns
from latchkey_client_registry.handlers.lookups import Lookups
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.operator import Operator
from latchkey_client_registry.handlers.standings import Standings
from latchkey_contracts.requests.clients import ClientsGet, GateGet
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic, ClientPut, LabsPut
from latchkey_contracts.requests.standing import StandingGet, StandingList
from latchkey_kit.web.routes import Handler, Route, api, asked

_ALL = "/v1/oauth-clients"
_ONE = f"{_ALL}/{{client_id}}"


def public(
    oauth_clients: OAuthClients, secrets: ClientSecrets, turns: ClientTurns, blocks: Blocks
) -> tuple[Route, ...]:
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
    )


def internal(lookups: Lookups, standings: Standings, operator: Operator) -> tuple[Route, ...]:
    return (
        asked(ClientsGet.path, lookups.client, by={"auth"}),
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
