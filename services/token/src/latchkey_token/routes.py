"""Path → handler."""

from latchkey_kit.web.routes import Handler, Route, api, internal, oauth
from latchkey_oauth.metadata import AUTHORIZATION_SERVER_PATH
from latchkey_token.handlers.connections import Connections
from latchkey_token.handlers.metadata import OPENID_PATH, no_openid

_VERIFIERS = {"edge", "records", "mcp", "token", "client-registry", "audit", "permissions"}


def public(
    *, token: Handler, revoke: Handler, connections: Connections, jwks: Handler, metadata: Handler
) -> tuple[Route, ...]:
    return (
        oauth("POST", "/oauth/token", token, open_to_browsers=True),
        oauth("POST", "/oauth/revoke", revoke, open_to_browsers=True),
        api("GET", "/oauth/jwks", jwks, open_to_browsers=True),
        api("GET", AUTHORIZATION_SERVER_PATH, metadata, open_to_browsers=True),
        api("GET", OPENID_PATH, no_openid, open_to_browsers=True),
        api("GET", "/v1/connections", connections.list, open_to_browsers=True),
        api("DELETE", "/v1/connections/{id}", connections.disconnect, open_to_browsers=True),
    )


def inside(*, grants: Handler, apply: Handler, feed: Handler, jwks: Handler) -> tuple[Route, ...]:
    return (
        internal("/internal/grants", grants, callers={"auth"}),
        internal("/internal/token/apply", apply, callers={"client-registry", "permissions", "auth"}),
        internal("/feed", feed, callers=_VERIFIERS, method="GET"),
        internal("/oauth/jwks", jwks, callers=_VERIFIERS, method="GET"),
    )
