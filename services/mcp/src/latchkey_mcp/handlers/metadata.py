"""Protected resource metadata (RFC 9728), at the path-inserted and at the root well-known URI."""

from latchkey_kit.web.published import Published
from latchkey_oauth.metadata import protected_resource
from latchkey_verify.web import INCLUSIVE


def metadata(resource: str, issuer: str) -> Published:
    """The same document at both places."""
    return Published(protected_resource(resource=resource, issuer=issuer, scopes=(INCLUSIVE,), name="Latchkey MCP"))
