"""`GET /v1/audit-checkpoints` and `/entries`: what a tenant needs to verify its own log by itself."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from latchkey_audit.store import checkpoints, links
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_audit.store.links import Link
from latchkey_audit.views import Reader, Views
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_policy.names import Action
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended."""

    position: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class AuditCheckpoints:
    """The keys at ``/v1/audit-checkpoints/keys`` prove what is ``signed``."""

    def __init__(self, database: Database, management: Management, views: Views) -> None:
        self._database = database
        self._admission = Admission(management, "auditlog")
        self._views = views

    async def list(self, request: web.Request) -> web.Response:
        """Where the log was signed, newest first."""
        reader, asked = await self._enter(request, "view")
        before = asked.after(_Place)
        async with self._database.connection() as connection:
            found = await checkpoints.page(
                connection, reader.tenant, before.position if before else None, asked.to_fetch
            )
        await self._views.viewed(reader, "checkpoints", {})
        return listed(found, asked, show=_shown, place=lambda one: _Place(one.position))

    async def entries(self, request: web.Request) -> web.Response:
        """The chain, oldest first, with every event to the letter."""
        reader, asked = await self._enter(request, "export")
        after = asked.after(_Place) or _Place(0)
        async with self._database.connection() as connection:
            found = await links.page(connection, reader.tenant, after.position, asked.to_fetch)
        await self._views.viewed(reader, "checkpoints", {"entries": "all"})
        return listed(found, asked, show=_link, place=lambda one: _Place(one.position))

    async def _enter(self, request: web.Request, action: Action) -> tuple[Reader, PageQuery]:
        bearer = await self._admission.bearer(request, action)
        return Reader(tenant=bearer.tenant, bearer=bearer), query(request, PageQuery)


def _shown(one: Checkpoint) -> dict[str, Any]:
    return {
        "id": str(one.position),
        "position": one.position,
        "digest": one.hash.hex(),
        "time": one.at,
        "signed": one.signed,
    }


def _link(one: Link) -> dict[str, Any]:
    return {
        "id": one.id,
        "position": one.position,
        "recorded_at": one.recorded,
        "kept": one.kept,
        "body": one.body.decode(errors="replace"),
        "hash": one.hash.hex(),
    }
