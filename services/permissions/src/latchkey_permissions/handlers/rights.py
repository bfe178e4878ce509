"""`rights`: what a verifier needs to decide for one connection."""

import msgspec
from aiohttp import web

from latchkey_contracts.requests.permissions import RightsGet
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.store import rights


class GetRights:
    """404 when the tenant has no such grant document. A client without a ceiling has an empty one, at revision 0."""

    def __init__(self, database: Database, catalogue: SharedCatalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, RightsGet)
        async with self._database.connection() as connection:
            found = await rights.rights(connection, asked.tenant, asked.user, asked.client, asked.document)
            if found is None:
                raise not_found("This tenant has no such grant document.")
            if not found.dynamic:
                return answer(found.rights)
            everything = msgspec.Raw(await self._catalogue.everything_at(connection, found.stamp))
        ceiling = msgspec.structs.replace(found.rights.ceiling, permissions=everything)
        return answer(msgspec.structs.replace(found.rights, ceiling=ceiling))
