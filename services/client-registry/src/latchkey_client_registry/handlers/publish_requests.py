"""`/v1/publish-requests`: clients that wait for staff to review them."""

import asyncio
import datetime as dt

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.publishing import PublishChanges
from latchkey_client_registry.domain.publishing import Decision
from latchkey_client_registry.domain.texts import one_line_end
from latchkey_client_registry.handlers import preconditions
from latchkey_client_registry.handlers.views import changed
from latchkey_client_registry.store import publishing
from latchkey_client_registry.store.clients import Stored
from latchkey_contracts.ids import Id
from latchkey_contracts.requests.clients import ClientType, Preset
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Actor
from latchkey_verify.people import People


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to review. ``permissions`` are ``null`` while nobody can tell, ``tenant`` the one that made it.

    ``revision`` is for ``If-Match`` with the decision: what was changed since is not approved unseen.
    """

    id: str
    tenant: str
    name: str
    description: str
    logo: str | None
    type: ClientType
    preset: Preset
    redirect_uris: tuple[str, ...]
    permissions: PlainPermissions | None
    dynamic: bool
    note: str
    requested_at: dt.datetime | None
    requested_by: str | None
    revision: int


class _Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``reason``: what the maker will read; a rejection has one."""

    decision: Decision
    reason: str = ""


class PublishRequests:
    def __init__(self, database: Database, people: People, ceilings: Ceilings, changes: PublishChanges) -> None:
        self._database = database
        self._people = people
        self._ceilings = ceilings
        self._changes = changes

    async def list(self, request: web.Request) -> web.Response:
        """Who has waited longest, first."""
        await self._people.staff(request)
        asked = query(request, PageQuery)
        after = asked.after(tuple[dt.datetime, Id])
        async with self._database.connection() as connection:
            found = await publishing.pending(connection, after, asked.to_fetch)
        clients = [one.client for one in found]
        ceilings = await asyncio.gather(*(self._ceilings.get_if_there(one.tenant, one.id) for one in clients))
        return listed(
            list(zip(found, ceilings, strict=True)),
            asked,
            show=lambda row: _view(*row),
            place=lambda row: (row[0].publishing.at, row[0].client.id),
        )

    async def decide(self, request: web.Request) -> web.Response:
        """Answer with the client as it stands."""
        staff = await self._people.staff(request)
        wanted, client = await json_body(request, _Decision), path_id(request, "client_id")
        decided = await self._changes.decide(
            client,
            wanted.decision,
            one_line_end(wanted.reason),
            Actor(user=staff),
            expected=preconditions.expected(request),
        )
        return changed(decided)


def _view(stored: Stored, permissions: PlainPermissions | None) -> RequestView:
    client = stored.client
    return RequestView(
        id=client.id,
        tenant=client.tenant,
        name=client.name,
        description=client.description,
        logo=client.logo,
        type=client.client_type,
        preset=client.preset,
        redirect_uris=client.redirect_uris,
        permissions=permissions,
        dynamic=client.dynamic,
        note=stored.publishing.note,
        requested_at=stored.publishing.at,
        requested_by=stored.publishing.by,
        revision=client.revision,
    )
