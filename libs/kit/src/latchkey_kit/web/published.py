"""Documents for everybody: metadata and keys."""

from typing import Final

from aiohttp import web

from latchkey_kit.web.bodies import answer

_CACHE: Final = {"Cache-Control": "public, max-age=300"}
"""Five minutes: shorter than a signing key is published before it signs."""


class Published:
    """The handler of a JSON document that stays as it is until the process ends, so that caches may keep it a while."""

    def __init__(self, document: object) -> None:
        self._document = document

    async def __call__(self, _request: web.Request) -> web.Response:
        return answer(self._document, headers=_CACHE)
