"""`GET /v1/audit-checkpoints`: where one's own tenant's log was signed."""

from typing import Any

from aiohttp import web

from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Admission
from latchkey_verify.web import Guard


class AuditCheckpoints:
    """Newest first; ``signed`` says it all, and the keys at ``/v1/audit-checkpoints/keys`` prove it."""

    def __init__(self, database: Database, guard: Guard) -> None:
        self._database = database
        self._admission = Admission(guard, "auditlog")

    async def __call__(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        before = asked.after(int)
        async with self._database.connection() as connection:
            found = await checkpoints.page(connection, bearer.tenant, before, asked.to_fetch)
        return listed(found, asked, show=_shown, place=lambda one: one.position)


def _shown(one: Checkpoint) -> dict[str, Any]:
    return {
        "id": str(one.position),
        "position": one.position,
        "digest": one.hash.hex(),
        "time": one.at,
        "signed": one.signed,
    }
