"""Minting from standing connections, gathered: many callers, one statement, each with its event."""

import datetime as dt
from collections.abc import Callable, Sequence

from latchkey_contracts.events.token import TokenIssued
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_token.domain.standing_connection import StandingConnection
from latchkey_token.rotation.gather import Gather, OutcomeUnknownError
from latchkey_token.store import standing_connections as store
from latchkey_token.store.standing_connections import Mint


class Minter:
    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._gather: Gather[Mint, dt.datetime] = Gather(self._run, key=lambda mint: mint.event.id, clock=clock)

    async def mint(
        self, standing: StandingConnection, scope: str, gone: Callable[[], bool]
    ) -> dt.datetime | None:  # fmt: skip
        """The database's time at which an access token of this scope is due; ``None`` when none is: read again.

        Errors as ``Gather.join``.
        """
        event = TokenIssued(connection=standing.id, client=standing.client, scope=tuple(scope.split(" ")))
        row = self._outbox.row(event, tenant=standing.tenant, client=standing.client)
        return await self._gather.join(Mint(connection=standing.id, revision=standing.revision, event=row), gone)

    async def _run(self, mints: Sequence[Mint]) -> list[dt.datetime | None]:
        committing = False
        try:
            async with self._database.transaction() as connection:
                due = await store.mint(connection, mints)
                committing = True
        except Exception as error:
            if committing:
                raise OutcomeUnknownError from error
            raise
        return [due.get(one.event.id) for one in mints]
