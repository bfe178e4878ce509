"""What happens to a user's account, told to every tenant that the user belongs to."""

from latchkey_auth.store import people
from latchkey_contracts.events.auth import UserSignedIn, UserSignedOut, UserSignInFailed
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import Outbox


class AccountEvents:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def add(self, connection: Connection, event: UserSignedIn | UserSignedOut | UserSignInFailed) -> None:
        """Write one event for each tenant; one without tenant for a user who is in none, such as staff."""
        tenants = await people.tenants_of(connection, event.user)
        ids: list[str | None] = [tenant.id for tenant in tenants]
        for tenant in ids or [None]:
            await self._outbox.add(connection, event, tenant=tenant, user=event.user)
