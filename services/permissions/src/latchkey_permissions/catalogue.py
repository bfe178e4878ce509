"""The catalogue in memory: read again when its revision says so, so that all instances agree."""

from latchkey_kit.db import Connection
from latchkey_permissions.domain.management import MODELS
from latchkey_permissions.store import models
from latchkey_policy.catalogue import Catalogue


class SharedCatalogue:
    """Our own management models, and what resource servers registered."""

    def __init__(self) -> None:
        self._revision = -1
        self._catalogue = Catalogue()

    async def now(self, connection: Connection) -> Catalogue:
        return await self.at(connection, await models.revision(connection))

    async def at(self, connection: Connection, revision: int) -> Catalogue:
        """The catalogue of a revision that was just read, or a newer one."""
        if revision != self._revision:
            stored = await models.stored(connection)
            self._catalogue = Catalogue([*MODELS, *(one.model for one in stored.models)])
            self._revision = stored.revision
        return self._catalogue
