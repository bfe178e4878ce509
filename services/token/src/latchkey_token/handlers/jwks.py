"""``GET /oauth/jwks``: the keys that access tokens are signed with (RFC 7517 §5)."""

from aiohttp import web

from latchkey_kit.web.bodies import answer
from latchkey_token.signing import Jwks

_CACHE = {"Cache-Control": "public, max-age=300"}
"""Shorter than any key is published before it signs."""


class KeySet:
    def __init__(self, jwks: Jwks) -> None:
        self._jwks = jwks

    async def get(self, _request: web.Request) -> web.Response:
        return answer(self._jwks, headers=_CACHE)
