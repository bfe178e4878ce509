"""What staff do at the console: find a client of any tenant, and turn its switches and those of Labs."""

from typing import Annotated

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.changing import Changed
from latchkey_client_registry.changes.dynamics import Dynamics
from latchkey_client_registry.changes.labs import LabsSwitch
from latchkey_client_registry.changes.turning import Turning
from latchkey_client_registry.domain.turns import COMPROMISE, LIFT
from latchkey_client_registry.handlers.views import StaffView, staff_view
from latchkey_client_registry.store import everywhere, labs
from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Actor
from latchkey_verify.people import People


class _Search(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``q``: part of a name, the id of a client or that of a tenant; everything without it."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""


class _Switch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    on: bool


class Staff:
    """Every answer to a switch says how it stands then. What stands so already is told to nobody."""

    def __init__(
        self, database: Database, people: People, turning: Turning, dynamics: Dynamics, labs_switch: LabsSwitch
    ) -> None:
        self._database = database
        self._people = people
        self._turning = turning
        self._dynamics = dynamics
        self._labs = labs_switch

    async def clients(self, request: web.Request) -> web.Response:
        await self._people.staff(request)
        asked = query(request, _Search)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await everywhere.search(connection, asked.q.strip(), after, asked.to_fetch)
        return listed(found, asked, show=staff_view, place=lambda stored: stored.client.id)

    async def dynamic(self, request: web.Request) -> web.Response:
        """Let users pick from their own roles what a client may do; or hold it to its ceiling again."""
        staff, client, on = await self._switched(request)
        return _shown(await self._dynamics.switch(client, dynamic=on, actor=Actor(user=staff)))

    async def compromised(self, request: web.Request) -> web.Response:
        """Kill and bar a client everywhere; or lift that: it may be authorized again, once it has a new secret."""
        staff, client, on = await self._switched(request)
        turn = COMPROMISE if on else LIFT
        return _shown(await self._turning.turn(client, turn, tenant=None, actor=Actor(user=staff)))

    async def labs(self, request: web.Request) -> web.Response:
        await self._people.staff(request)
        async with self._database.connection() as connection:
            return answer({"on": await labs.enabled(connection)})

    async def put_labs(self, request: web.Request) -> web.Response:
        staff = await self._people.staff(request)
        tenant, wanted = path_id(request, "tenant"), await json_body(request, _Switch)
        await self._labs.turn(tenant, on=wanted.on, by=staff)
        return answer(wanted)

    async def _switched(self, request: web.Request) -> tuple[str, str, bool]:
        """Who switches which client, and where to."""
        staff = await self._people.staff(request)
        wanted = await json_body(request, _Switch)
        return staff, path_id(request, "client_id"), wanted.on


def _shown(change: Changed) -> web.Response:
    told = change.told
    shown: StaffView = msgspec.structs.replace(
        staff_view(change.stored), pending=told.pending, effective_at=told.effective_at
    )
    return answer(shown, 202 if told.pending else 200)
