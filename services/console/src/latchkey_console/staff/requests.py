"""`/staff/requests`: which apps wait for a review, and what becomes of them."""

import contextlib
import datetime as dt
from typing import Any

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.forms import if_match
from latchkey_console.parts import Parts
from latchkey_console.people.lists import page
from latchkey_console.people.refusals import beside
from latchkey_console.staff.workspaces import titles
from latchkey_contracts.requests.console import LinesOf
from latchkey_contracts.requests.permissions import ConsentLine, PlainPermissions
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.web.bodies import path_id
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An app that asks to be published. ``revision`` is what staff see; approving another one is refused."""

    id: str
    name: str
    tenant: str
    description: str
    logo: str | None
    redirect_uris: tuple[str, ...]
    permissions: PlainPermissions | None
    dynamic: bool
    note: str
    requested_at: dt.datetime | None
    revision: int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was refused: which app it was about, what was typed, what is wrong."""

    client: str
    reason: str
    message: str


class RequestPages:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def list(self, desk: Desk) -> web.Response:
        return await self._page(desk)

    async def decide(self, desk: Desk) -> web.Response:
        form, client = await desk.form(), path_id(desk.request, "client")
        decision, reason = str(form.get("decision", "")), str(form.get("reason", "")).strip()
        body: dict[str, Any] = {"decision": decision, "reason": reason}
        revision = form.get("revision")
        match = if_match(revision) if revision else {}
        try:
            await desk.send("client-registry", "POST", f"/v1/publish-requests/{client}", body, headers=match)
        except Problem as problem:
            message = beside(problem, {"/reason": "reason"})
            refused = Answered(client=client, reason=reason, message=" ".join(message.values()))
            return await self._page(desk, refused, problem.status)
        return see_other(f"/staff/requests?said={'approved' if decision == 'approve' else 'rejected'}")

    async def _page(self, desk: Desk, refused: Answered | None = None, status: int = 200) -> web.Response:
        cursor = desk.request.query.get("cursor", "")
        asked = {"cursor": cursor} if cursor else {}
        waiting, after = await page(desk, "client-registry", "/v1/publish-requests", Waiting, asked)
        values = {
            "waiting": waiting,
            "lines": await _lines(desk, waiting),
            "titles": await titles(desk, [one.tenant for one in waiting]),
            "cursor": cursor,
            "after": after,
            "refused": refused,
            "told": desk.request.query.get("said", "") if status == 200 else "",
        }
        return self._pages.page("staff/requests.html", desk, values, status)


async def _lines(desk: Desk, waiting: list[Waiting]) -> dict[str, tuple[ConsentLine, ...]]:
    """What each may do at most, in the words of the consent page; without those that nobody can tell now."""
    found = {}
    for one in waiting:
        if one.permissions is not None:
            with contextlib.suppress(PeerRefused, PeerUnavailable):
                found[one.id] = (await desk.ask("permissions", LinesOf(permissions=one.permissions))).lines
    return found
