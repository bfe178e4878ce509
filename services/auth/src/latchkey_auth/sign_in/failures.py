"""Telling of sign-ins that failed: each of them, until there are so many that they are held back and counted."""

from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.store import people
from latchkey_contracts.events.auth import UserSignInFailed, UserSignInThrottled
from latchkey_kit.db import Database
from latchkey_kit.messaging.sparing import Sparing, Telling


class FailedSignIns:
    """Of known users only: there is no tenant that a stranger's would be told to."""

    def __init__(self, database: Database, events: AccountEvents, refusals: Sparing) -> None:
        self._database = database
        self._events = events
        self._refusals = refusals

    async def tell(self, user: str, *, reason: str, wait: int) -> None:
        """``wait``: seconds that were asked for, 0 while sign-ins are not held back."""
        if wait:
            await self._held_back(user, wait)
            return
        async with self._database.transaction() as connection:
            await self._events.add(connection, UserSignInFailed(user=user, reason=reason))

    async def _held_back(self, user: str, wait: int) -> None:
        def event(times: int) -> UserSignInThrottled:
            return UserSignInThrottled(user=user, wait=wait, times=times)

        async with self._database.connection() as connection:
            tenants = await people.tenants_of(connection, user)
        ids: list[str | None] = [one.id for one in tenants]
        for tenant in ids or [None]:
            await self._refusals.tell(
                (UserSignInThrottled, user, tenant), Telling(event=event, tenant=tenant, user=user)
            )
