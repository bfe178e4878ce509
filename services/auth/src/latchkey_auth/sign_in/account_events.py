"""What happens to a user's account, told to every tenant that the user belongs to."""

from latchkey_auth.store import people
from latchkey_contracts.events.auth import (
    UserDisabled,
    UserEnabled,
    UserPasswordChanged,
    UserPasswordSet,
    UserSessionsEnded,
    UserSignedIn,
    UserSignedOut,
    UserSignInFailed,
)
from latchkey_kit.db import Connection
from latchkey_kit.messaging.outbox import Outbox

AccountEvent = (
    UserSignedIn
    | UserSignedOut
    | UserSignInFailed
    | UserSessionsEnded
    | UserPasswordSet
    | UserPasswordChanged
    | UserDisabled
    | UserEnabled
)
_OF_STAFF = (UserDisabled, UserEnabled)


class AccountEvents:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def add(self, connection: Connection, event: AccountEvent) -> None:
        """Write one event for each tenant; one without tenant for a user who is in none, such as staff."""
        tenants = await people.tenants_of(connection, event.user)
        ids: list[str | None] = [tenant.id for tenant in tenants]
        for tenant in ids or [None]:
            acted = None if isinstance(event, _OF_STAFF) else event.user
            await self._outbox.add(connection, event, tenant=tenant, user=acted)
