"""`GET /.well-known/oauth-protected-resource/v1` (RFC 9728): which authorization server to go to for a token."""

from aiohttp import web

from latchkey_kit.web.bodies import answer
from latchkey_oauth.metadata import protected_resource


class Metadata:
    """``scope`` is what a client should ask for that has no wish of its own."""

    def __init__(self, resource: str, issuer: str, scope: str) -> None:
        self._document = protected_resource(resource=resource, issuer=issuer, scopes=(scope,))

    async def __call__(self, _request: web.Request) -> web.Response:
        return answer(self._document)
