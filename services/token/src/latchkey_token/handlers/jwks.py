"""``GET /oauth/jwks``: the keys that access tokens are signed with (RFC 7517 §5)."""

from aiohttp import web

from latchkey_kit.web.bodies import answer
from latchkey_token.signing import Jwks

_CACHE = {"Cache-Control": "public, max-age=300"}
"""Shorter than any key is published before it signs."""


class JwksHandler:
    def __init__(self, jwks: Jwks) -> None:
        self._jwks = jwks

    async def __call__(self, _request: web.Request) -> web.Response:
        return answer(self._jwks, headers=_CACHE)
