"""Behind a kill of many: the rows of the dead are marked, and each tenant that lost some is told once, and how many."""

import asyncio

import asyncpg
import structlog

from latchkey_contracts import feed as vocabulary
from latchkey_contracts.events.auth import TenantOffBoarded, UserDisabled
from latchkey_contracts.events.client import ClientCompromised
from latchkey_contracts.events.token import ConnectionsCut
from latchkey_kit.db import PASSING, Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telemetry import facts
from latchkey_token.store import sweep as store
from latchkey_token.store.sweep import Unswept

_EVERY = 10.0
_PAUSE = 0.01
_OF_STAFF = frozenset({ClientCompromised.type, TenantOffBoarded.type, UserDisabled.type})
"""What nobody but staff does, and so tells of."""
log = structlog.get_logger()


class Sweep:
    """Any instance does a batch; what one began another may end."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look now: a kill has come into force."""
        self._wake.set()

    async def run(self) -> None:
        """Sweep for ever, when woken and now and then."""
        while True:
            try:
                await self._sweep()
            except (asyncpg.PostgresError, *PASSING) as error:
                log.warning("kills_not_swept_yet", reason=type(error).__name__)
            await self._woken()

    async def _sweep(self) -> None:
        more = True
        while more:
            more = await self._step()
            await asyncio.sleep(_PAUSE)  # whoever mints goes first

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(_EVERY):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _step(self) -> bool:
        """Do one batch of one kill; returns whether there may be another."""
        async with self._database.transaction() as connection:
            kill = await store.next_kill(connection)
            if kill is None:
                return False
            if await store.mark(connection, kill):
                return True
            if kill.effective_at is None:
                return False  # woken again when that is known
            await self._tell(connection, kill)
            await store.done(connection, kill)
        return True

    async def _tell(self, connection: Connection, kill: Unswept) -> None:
        maker = await store.maker(connection, kill)
        with facts.about(facts.RequestFacts(bystaff=kill.source == "restore" or kill.reason in _OF_STAFF)):
            for tenant, dead in sorted((await store.counts(connection, kill)).items()):
                # Others that lose connections by it are not told who of the maker's people did it.
                by = kill.by if kill.kind != vocabulary.CLIENT or tenant == maker else None
                summary = _summary(kill, tenant, dead, by)
                await self._outbox.add(connection, summary, tenant=tenant, user=by, client=kill.through)


def _summary(kill: Unswept, tenant: str, dead: int, by: str | None) -> ConnectionsCut:
    client, user = _about(kill)
    assert kill.effective_at is not None  # noqa: S101 - told when it is known
    return ConnectionsCut(
        about=client or user or tenant,
        kind=kill.kind,
        reason=kill.reason,
        connections=dead,
        number=kill.number,
        committed_at=kill.at,
        effective_at=kill.effective_at,
        client=client,
        user=user,
        by=by,
    )


def _about(kill: Unswept) -> tuple[str | None, str | None]:
    """Client and user that the key names."""
    client = kill.ids[-1] if kill.kind.endswith(vocabulary.CLIENT) else None
    match kill.kind:
        case vocabulary.USER:
            return client, kill.ids[0]
        case vocabulary.TENANT_USER | vocabulary.TENANT_USER_CLIENT:
            return client, kill.ids[1]
        case _:
            return client, None
