"""The authorization server's metadata (RFC 8414), and a plain no to OpenID Connect's."""

from aiohttp import web

from latchkey_kit.web.problems import not_found
from latchkey_kit.web.published import Published
from latchkey_oauth.metadata import authorization_server

OPENID_PATH = "/.well-known/openid-configuration"
_SCOPES = ("inclusive", "default", "offline_access")


def metadata(issuer: str, workspace_origin: str) -> Published:
    """``GET /.well-known/oauth-authorization-server``. People authorize at ``workspace_origin``."""
    return Published(authorization_server(issuer=issuer, workspace_origin=workspace_origin, scopes=_SCOPES))


async def no_openid(_request: web.Request) -> web.Response:
    """OAuth without OpenID Connect: clients that look for both find out at once."""
    raise not_found("This server speaks OAuth 2.0; see /.well-known/oauth-authorization-server.")
