"""Asking the owners for everything that ever turned: on start, when the stream is another one, and now and then.

What a lost event would have told takes effect here, so this is also the receipt for all that an owner told before.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from latchkey_contracts.requests.standing import Standing, StandingPage
from latchkey_kit.db import PASSING, Database
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_token.clients.gates import Gates
from latchkey_token.kills import turning
from latchkey_token.kills.owners import OWNER_OF, Owner, Owners
from latchkey_token.store import standing

_EVERY = 300.0
_AGAIN = 2.0
_SAY_AGAIN = 5.0
Confirm = Callable[[Owner, str, int], Awaitable[None]]
"""Owner, epoch, number: everything that it told up to there has taken effect here."""
log = structlog.get_logger()


class Reconciling:
    def __init__(self, database: Database, owners: Owners, gates: Gates, confirm: Confirm) -> None:
        self._database = database
        self._owners = owners
        self._gates = gates
        self._confirm = confirm
        self._wanted = asyncio.Event()
        self._receipts: dict[Owner, tuple[str, int]] = {}

    async def want(self) -> None:
        """Begin now: events may have been lost."""
        self._wanted.set()

    async def run(self) -> None:
        """Reconcile at once, then when wanted and every five minutes; an owner that is away is asked again soon."""
        while True:
            self._wanted.clear()
            done = [await self._with(owner) for owner in sorted(set(OWNER_OF.values()))]
            try:
                async with asyncio.timeout(_EVERY if all(done) else _AGAIN):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    async def confirm_for_ever(self) -> None:
        """Say again how far we are: a receipt travels like a shout, and may be lost."""
        while True:
            await asyncio.sleep(_SAY_AGAIN)
            for owner, receipt in list(self._receipts.items()):
                await self._confirm(owner, *receipt)

    async def _with(self, owner: Owner) -> bool:
        try:
            first = None
            async for page in self._owners.everything(owner):
                first = first or page
                await self._take(page)
            if first is not None:
                self._receipts[owner] = (first.epoch, first.sequence)
                await self._confirm(owner, *self._receipts[owner])
        except (PeerUnavailable, PeerRefused, asyncpg.PostgresError, *PASSING) as error:
            log.warning("not_reconciled_yet", owner=owner, reason=f"{type(error).__name__} {error}"[:200])
            return False
        return True

    async def _take(self, page: StandingPage) -> None:
        for limits in page.limits:
            async with self._database.connection() as connection:
                await standing.put_limits(connection, limits)
        for one in await self._news(page):
            log.warning("turn_was_missed", kind=one.kind, key=one.key, turn=one.turn)
            async with self._database.transaction() as connection:
                await turning.take(connection, standings=[one])
            self._gates.forget(one.key)

    async def _news(self, page: StandingPage) -> list[Standing]:
        async with self._database.connection() as connection:
            known = await standing.known(connection, page.standings)
        return [one for one, ours in zip(page.standings, known, strict=True) if one.turn > ours.turn]
