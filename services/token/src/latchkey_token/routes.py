"""Path → handler."""

from latchkey_contracts.feed import PULL_PATH, VERIFIERS
from latchkey_contracts.requests.connections import ConnectionGet
from latchkey_contracts.requests.console import GrantsStanding
from latchkey_contracts.requests.grants import GrantsCreate, TokenApply
from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate
from latchkey_contracts.requests.operator import Restored as RestoredAsk
from latchkey_contracts.requests.resource_servers import (
    ResourceServerAdd,
    ResourceServerCheck,
    ResourceServerRemove,
    ResourceServersList,
)
from latchkey_kit.web.routes import Guests, Handler, Route, api, asked, for_console, oauth
from latchkey_oauth.metadata import AUTHORIZATION_SERVER_PATH, JWKS_PATH
from latchkey_token.handlers.connection_numbers import ConnectionNumbers
from latchkey_token.handlers.connections import Connections
from latchkey_token.handlers.keys import OperatedKeys
from latchkey_token.handlers.metadata import OPENID_PATH, no_openid
from latchkey_token.handlers.own_connections import OwnConnections
from latchkey_token.handlers.resource_servers import OperatedResourceServers

_FEED_READERS = VERIFIERS | {"operator"}
"""Every verifier, and the operator's `latchkey doctor`."""


def public(
    *, token: Handler, revoke: Handler, introspect: Handler, connections: Connections, jwks: Handler, metadata: Handler
) -> tuple[Route, ...]:
    return (
        oauth("POST", "/oauth/token", token, open_to_browsers=True),
        oauth("POST", "/oauth/revoke", revoke, open_to_browsers=True),
        oauth("POST", "/oauth/introspect", introspect),
        api("GET", JWKS_PATH, jwks, open_to_browsers=True),
        api("GET", AUTHORIZATION_SERVER_PATH, metadata, open_to_browsers=True),
        api("GET", OPENID_PATH, no_openid, open_to_browsers=True),
        *managed(connections),
    )


def managed(connections: Connections) -> tuple[Route, ...]:
    """The management API."""
    return (
        api("GET", "/v1/connections", connections.list, open_to_browsers=True),
        api("DELETE", "/v1/connections", connections.disconnect_many, open_to_browsers=True),
        api("GET", "/v1/connections/summary", connections.summary, open_to_browsers=True),  # else it were an id
        api("GET", "/v1/connections/{id}", connections.get, open_to_browsers=True),
        api("DELETE", "/v1/connections/{id}", connections.disconnect, open_to_browsers=True),
    )


def internal(
    *,
    births: Handler,
    apply: Handler,
    restored: Handler,
    keys: OperatedKeys,
    resource_servers: OperatedResourceServers,
    check_resource_server: Handler,
    connection_lookup: Handler,
    standing_grants: Handler,
    connections: Connections,
    own: OwnConnections,
    numbers: ConnectionNumbers,
) -> tuple[Route, ...]:
    return (
        asked(GrantsCreate.path, births, by={"auth"}),
        asked(TokenApply.path, apply, by={"client-registry", "auth", "permissions"}),
        asked(ConnectionGet.path, connection_lookup, by={"permissions"}),
        asked(GrantsStanding.path, standing_grants, by={"auth"}),
        asked(RestoredAsk.path, restored, by={"operator"}),
        asked(KeysList.path, keys.list, by={"operator"}),
        asked(KeysRotate.path, keys.rotate, by={"operator"}),
        asked(KeyRetire.path, keys.retire, by={"operator"}),
        asked(ResourceServersList.path, resource_servers.list, by={"operator"}),
        asked(ResourceServerAdd.path, resource_servers.add, by={"operator"}),
        asked(ResourceServerRemove.path, resource_servers.remove, by={"operator"}),
        asked(ResourceServerCheck.path, check_resource_server, by={"permissions"}),
        *for_people(own, numbers),
        *for_console(managed(connections)),
    )


def for_people(own: OwnConnections, numbers: ConnectionNumbers) -> tuple[Route, ...]:
    """What only the web console asks. The names come before ``/v1/connections/{id}``, which would take them for ids."""
    by = {"console"}
    return (
        asked("/v1/my/connections", own.list, by=by, method="GET"),
        asked("/v1/my/connections", own.disconnect, by=by, method="DELETE"),
        asked("/v1/connections/count", numbers.count, by=by, method="GET"),
        asked("/v1/connections/secrets-used", numbers.secrets_used, by=by, method="GET"),
    )


def heads(*, feed: Handler, jwks: Handler, guests: Guests) -> tuple[Route, ...]:
    """Routes of the feed's own process; ``guests`` are the resource servers of others."""
    return (
        asked(PULL_PATH, feed, by=_FEED_READERS, method="GET", guests=guests),
        asked(JWKS_PATH, jwks, by=_FEED_READERS, method="GET", guests=guests),
    )
