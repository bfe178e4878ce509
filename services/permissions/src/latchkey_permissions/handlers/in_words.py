"""Permissions in the words of the consent page: of a set that is still being made, and of what was granted."""

from aiohttp import web

from latchkey_contracts.requests.console import DocumentsAnswer, DocumentsInWords, LinesAnswer, LinesOf
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.domain.consent import consent_lines
from latchkey_permissions.handlers.named import known_permissions
from latchkey_permissions.store import rights


class InWords:
    def __init__(self, database: Database, catalogue: SharedCatalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def lines(self, request: web.Request) -> web.Response:
        """400 names every model, action and field that does not exist."""
        asked = await json_body(request, LinesOf)
        async with self._database.connection() as connection:
            catalogue = await self._catalogue.now(connection)
        permissions = known_permissions(asked.permissions, catalogue).restrict(catalogue)
        return answer(LinesAnswer(lines=consent_lines(permissions, catalogue), scope=permissions.scopes()))

    async def documents(self, request: web.Request) -> web.Response:
        """As the catalogue has the names today; what it has no more is not told."""
        asked = await json_body(request, DocumentsInWords)
        async with self._database.connection() as connection:
            catalogue = await self._catalogue.now(connection)
            found = await rights.documents(connection, asked.tenant, asked.documents)
        told = {digest: consent_lines(one.permissions, catalogue) for digest, one in found.items()}
        return answer(DocumentsAnswer(documents=told))
