"""``GET /v1/catalogue``: what there is to allow, for who sets up apps or roles."""

from aiohttp import web

from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer
from latchkey_kit.web.problems import Problem
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.domain.tree import shown_models
from latchkey_verify.people import People


class ShownCatalogue:
    """For people whose role has the App Center or Settings flag; the catalogue is the same in every workspace."""

    def __init__(self, database: Database, catalogue: SharedCatalogue, people: People) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people

    async def __call__(self, request: web.Request) -> web.Response:
        person = await self._people.person(request)
        rights = await self._people.rights(person)
        if not (rights.app_center or rights.settings):
            raise Problem(403, "not_allowed", "Your role does not allow this.")
        async with self._database.connection() as connection:
            catalogue = await self._catalogue.now(connection)
        return answer({"models": shown_models(catalogue)})
