"""The operator says for how long a tenant's log is kept."""

from aiohttp import web

from latchkey_audit.store import retention
from latchkey_contracts.events.audit import AuditRetentionChanged
from latchkey_contracts.requests.audit import Retained, RetentionOf, TenantRetention
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body


class Retention:
    """``usual``: months for which a tenant's log is kept that nothing else was said of."""

    def __init__(self, database: Database, outbox: Outbox, *, usual: int) -> None:
        self._database = database
        self._outbox = outbox
        self._usual = usual

    async def get(self, request: web.Request) -> web.Response:
        asked = await json_body(request, RetentionOf)
        async with self._database.connection() as connection:
            return answer(Retained(months=await retention.kept_for(connection, asked.tenant, self._usual)))

    async def set(self, request: web.Request) -> web.Response:
        asked = await json_body(request, TenantRetention)
        async with self._database.transaction() as connection:
            former = await retention.keep_for(connection, asked.tenant, asked.months, self._usual)
            if former != asked.months:
                event = AuditRetentionChanged(tenant=asked.tenant, months=asked.months, former=former)
                await self._outbox.add(connection, event, tenant=asked.tenant)
        return answer(Retained(months=asked.months, former=former))
