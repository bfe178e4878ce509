"""`GET /.well-known/oauth-protected-resource/v1` (RFC 9728): which authorization server to go to for a token."""

from latchkey_kit.web.published import Published
from latchkey_oauth.metadata import protected_resource
from latchkey_verify.web import INCLUSIVE


def metadata(resource: str, issuer: str) -> Published:
    """Name one scope: what a client should ask for that has no wish of its own."""
    return Published(protected_resource(resource=resource, issuer=issuer, scopes=(INCLUSIVE,)))
