"""Protected resource metadata (RFC 9728), at the path-inserted and at the root well-known URI."""

import msgspec
from aiohttp import web

from latchkey_oauth.metadata import protected_resource


class Metadata:
    """The same document at both places; it changes only with a release."""

    def __init__(self, resource: str, issuer: str) -> None:
        document = protected_resource(resource=resource, issuer=issuer, scopes=("inclusive",), name="Latchkey MCP")
        self._body = msgspec.json.encode(document)

    async def __call__(self, _request: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=300"}
        return web.Response(body=self._body, content_type="application/json", headers=headers)
