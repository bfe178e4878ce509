"""Changing one's own password, knowing the former one."""

import msgspec

from latchkey_auth.afterwards import Afterwards
from latchkey_auth.domain.people import Person
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.sign_in.failures import FailedSignIns
from latchkey_auth.sign_in.limits import SignInLimits
from latchkey_auth.sign_in.passwords import Passwords
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store import password_links, people
from latchkey_auth.store import sessions as store
from latchkey_contracts.events.auth import UserPasswordChanged
from latchkey_kit.db import Connection, Database


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """``session`` is the new value of the session's cookie, ``ended`` how many others are over."""

    session: str
    ended: int


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """The current password is another one. ``wait``: seconds to wait before the next try, 0 for none."""

    wait: int


class OwnPassword:
    """Failures count as those of sign-ins do, and are told as they are: who has a session may not know the password."""

    def __init__(
        self, database: Database, sessions: Sessions, passwords: Passwords, limits: SignInLimits,
        events: AccountEvents, failures: FailedSignIns, afterwards: Afterwards,
    ) -> None:  # fmt: skip
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._limits = limits
        self._events = events
        self._failures = failures
        self._afterwards = afterwards

    async def change(self, person: Person, current: str, wanted: str) -> Changed | Wrong | None:
        """Set the password, end every other session; ``None`` when this one is over, or somebody else was faster."""
        user, email = person.user.id, person.user.email
        async with self._database.connection() as connection:
            found = await people.credentials(connection, email)
        with self._limits.checking():
            wait = self._limits.begun(email)
            fits = wait == 0 and await self._passwords.fits(found.password_hash if found else None, current)
        if found is None or not fits:
            wait = max(wait, self._limits.failed(email))
            self._afterwards.do(self._failures.tell(user, reason="wrong_current_password", wait=wait))
            return Wrong(wait=wait)
        self._limits.succeeded(email)
        return await self._set(person, found.password_hash, await self._passwords.hash(wanted))

    async def _set(self, person: Person, former_hash: str, password_hash: str) -> Changed | None:
        try:
            async with self._database.transaction() as connection:
                return await self._within(connection, person, former_hash, password_hash)
        except _Over:
            return None

    async def _within(self, connection: Connection, person: Person, former_hash: str, password_hash: str) -> Changed:
        user = person.user.id
        await password_links.end(connection, user)
        if not await people.change_password(connection, user, former_hash, password_hash):
            raise _Over
        value = await self._sessions.renew(connection, person)
        if value is None:
            raise _Over
        ended = await store.end_others(connection, user, person.login)
        await self._events.add(connection, UserPasswordChanged(user=user, sessions=ended))
        return Changed(session=value, ended=ended)


class _Over(Exception):  # noqa: N818 - it is news, not a mistake
    """Nothing of the transaction is to stay."""
