"""The Labs switch of a tenant, which staff turn."""

from latchkey_client_registry.store import labs
from latchkey_contracts.events.client import LabsChanged
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox


class LabsSwitch:
    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def turn(self, tenant: str, *, on: bool, by: str | None = None) -> None:
        """Switch it, for a member of staff or the operator; what stands so already is no change, and not told."""
        async with self._database.transaction() as connection:
            if await labs.put(connection, tenant, enabled=on):
                await self._outbox.add(connection, LabsChanged(tenant=tenant, on=on), tenant=tenant, user=by)
