"""The catalogue in memory: read again when its stamp says so, so that all instances agree."""

from latchkey_kit.db import Connection
from latchkey_permissions.domain.management import MODELS
from latchkey_permissions.store import models
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import everything


class SharedCatalogue:
    """Our own management models, and what resource servers registered."""

    def __init__(self) -> None:
        self._stamp = ""
        self._catalogue = Catalogue()
        self._everything = b""

    async def now(self, connection: Connection) -> Catalogue:
        return await self.at(connection, await models.stamp(connection))

    async def at(self, connection: Connection, stamp: str) -> Catalogue:
        """The catalogue of a stamp that was just read, or a newer one."""
        if stamp != self._stamp:
            stored = await models.stored(connection)
            self._catalogue = Catalogue([*MODELS, *(one.model for one in stored.models)])
            self._everything = everything(self._catalogue).encode()
            self._stamp = stored.stamp
        return self._catalogue

    async def everything_at(self, connection: Connection, stamp: str) -> bytes:
        """All that the catalogue of a stamp has, as a permission set in JSON: the ceiling of a dynamic client."""
        await self.at(connection, stamp)
        return self._everything
