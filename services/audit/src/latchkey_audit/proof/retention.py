"""Letting entries go when their time is over: whole months, looked at and signed for before they are dropped."""

import asyncio

import msgspec
import structlog

from latchkey_audit.domain.stretches import NotWhatItWasError, Stretch, holds
from latchkey_audit.store import retention
from latchkey_audit.store.retention import Month
from latchkey_contracts import seals
from latchkey_contracts.events.audit import NOBODY, AuditLogForgotten
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database, will_pass
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.seals import BadSealError, SealKey, Seals
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

_EVERY_SECONDS = 3600.0
_SOON_SECONDS = 60.0
_PAGE = 1000
log = structlog.get_logger()


class Retention:
    """``usual``: months for which a tenant's log is kept that nothing else was said of."""

    def __init__(
        self, database: Database, outbox: Outbox, key: SealKey, issuer: str, clock: Clock, *, usual: int
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._usual = usual
        self._trouble = Trouble("retention_waits")

    async def run(self) -> None:
        """Make and drop partitions for ever; one instance at a time."""
        while True:
            done = False
            try:
                async with self._database.session() as session:
                    if await session.fetchval("SELECT pg_try_advisory_lock($1)", retention.LOCK):
                        await self.make_ahead()
                        await self.let_go()
                done = True
                self._trouble.over()
            except Exception as error:  # the next time will do
                if will_pass(error):
                    self._trouble.tell(f"database: {type(error).__name__}")
                else:
                    log.exception("retention_failed")
            await asyncio.sleep(_EVERY_SECONDS if done else _SOON_SECONDS)

    async def make_ahead(self) -> None:
        async with self._database.connection() as connection:
            classes = {self._usual, *await retention.classes(connection)}
        for kept in sorted(classes):
            async with self._database.transaction() as connection:
                await retention.make_ahead(connection, kept)

    async def let_go(self) -> None:
        """Drop the months whose time is over. One with an altered entry stays: it is evidence, and never signed for.

        By the clocks of both: who owns the database has its clock, too.
        """
        async with self._database.connection() as connection:
            months = await retention.over(connection, self._clock.now())
        suspicious = 0
        for month in months:
            try:
                await self._sign_for(month)
            except NotWhatItWasError as error:
                suspicious += 1
                log.error(  # noqa: TRY400 - whoever reads it needs no trace
                    "log_altered", tenant=error.tenant, position=error.position, kept=month.kept, month=month.starts
                )
                continue
            async with self._database.transaction() as connection:
                await retention.drop(connection, month)
            log.info("month_dropped", kept=month.kept, month=month.starts)
        metrics.audit_months_withheld.set(suspicious)

    async def _sign_for(self, month: Month) -> None:
        """Sign for what every tenant has there, in the database before anything is dropped."""
        tenant = None
        while True:
            async with self._database.connection() as connection:
                tenant = await retention.next_tenant(connection, month, tenant)
            if tenant is None:
                return
            for stretch in await self._stretches(month, tenant):
                await self._note(tenant, stretch)

    async def _stretches(self, month: Month, tenant: str) -> list[Stretch]:
        """The stretches of positions that a month holds of a tenant; usually one."""
        found: list[Stretch] = []
        after = 0
        while True:
            async with self._database.connection() as connection:
                page = await retention.entries(connection, month, tenant, after, _PAGE)
                for entry in page:
                    former = found[-1] if found and found[-1].last == entry.position - 1 else None
                    before = former.hash if former else await retention.hash_at(connection, tenant, entry.position - 1)
                    if before is None or not holds(entry, tenant=tenant, before=before):
                        raise NotWhatItWasError(tenant, entry.position)
                    if former:
                        found[-1] = former.with_next(entry)
                    else:
                        found.append(Stretch(first=entry.position, last=entry.position, before=before, hash=entry.hash))
            if len(page) < _PAGE:
                return found
            after = page[-1].position

    async def _note(self, tenant: str, stretch: Stretch) -> None:
        """Sign for a stretch, unless that was done before; something else that is noted in its place is evidence."""
        async with self._database.connection() as connection:
            former = await retention.noted(connection, tenant, stretch.first)
        if former is not None:
            if former[0] != stretch or not self._is_ours(former[1], self._statement(tenant, stretch)):
                raise NotWhatItWasError(tenant, stretch.first)
            return
        signed = self._key.sign(self._statement(tenant, stretch))
        event = AuditLogForgotten(tenant=tenant, first=stretch.first, last=stretch.last, signed=signed)
        told = self._outbox.row(event, tenant=None if tenant == NOBODY else tenant)
        async with self._database.transaction() as connection:
            await retention.note(connection, tenant, stretch, signed, told)

    def _statement(self, tenant: str, stretch: Stretch) -> seals.Forgotten:
        return seals.Forgotten(
            iss=self._issuer, tenant=tenant, first=stretch.first, last=stretch.last, before=stretch.before.hex(),
            digest=stretch.hash.hex(), iat=int(self._clock.now().timestamp()),
        )  # fmt: skip

    def _is_ours(self, signed: str, meant: seals.Forgotten) -> bool:
        try:
            said = Seals([self._key.public]).read(signed, seals.Forgotten)
        except BadSealError:
            return False
        return msgspec.structs.replace(said, iss=meant.iss, iat=meant.iat) == meant
