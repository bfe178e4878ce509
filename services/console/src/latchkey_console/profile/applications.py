"""`/profile/applications`: the apps that somebody connected, in all their workspaces, and Disconnect."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.naming import answered, clients_named, names
from latchkey_console.parts import Parts
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.console import DocumentsAnswer, DocumentsInWords, NamedClient
from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_kit.web.problems import Problem, bad_request
from latchkey_look.pages import see_other

_PAGE = "/profile/applications"
_CONNECTIONS = "/v1/my/connections"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One app in one workspace. ``lines`` are the words of the consent page; ``scope`` stands in where there are none.

    ``made_in`` is the workspace that made the app, if it is one of the reader's.
    """

    tenant: str
    workspace: str
    client: str
    name: str
    logo: str | None
    verified: bool
    made_in: str
    connections: int
    since: dt.datetime
    last_used: dt.datetime | None
    lines: tuple[ConsentLine, ...]
    scope: tuple[str, ...]


class Applications:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        rows = await self._rows(desk)
        values = {"rows": rows, "gone": await self._gone(desk), "joined": desk.request.query.get("said") == "joined"}
        template = "profile/applications_part.html" if desk.is_partial else "profile/applications.html"
        return self._parts.pages.page(template, desk, values)

    async def disconnect(self, desk: Desk) -> web.StreamResponse:
        """Disconnect one app in one workspace. Doing it twice is doing it once."""
        form = await desk.form()
        tenant, client = str(form.get("tenant", "")), str(form.get("client", ""))
        if not (is_id(tenant) and is_id(client)):
            raise bad_request("The form does not say which application.")
        try:
            await desk.send("token", "DELETE", _CONNECTIONS, params={"tenant": tenant, "client": client})
        except Problem as problem:
            if problem.status != 404:
                raise
        return see_other(f"{_PAGE}?{urlencode({'said': 'disconnected', 'app': client})}")

    async def _rows(self, desk: Desk) -> list[Application]:
        if desk.person.workspace is None:
            return []
        found: list[dict[str, Any]] = (await desk.send("token", "GET", _CONNECTIONS))["data"]
        known, documents = await asyncio.gather(
            clients_named(desk, [one["client"] for one in found]), _words(desk, found)
        )
        workspaces = {one.id: one.title for one in desk.person.workspaces}
        rows = [_application(one, known.get(one["client"]), workspaces, documents) for one in found]
        return sorted(rows, key=lambda one: (one.name.casefold(), one.workspace.casefold(), one.client))

    async def _gone(self, desk: Desk) -> str | None:
        """The name of the app that was disconnected a moment ago, empty where nobody knows it; ``None`` without one."""
        app = desk.request.query.get("app", "")
        if desk.request.query.get("said") != "disconnected" or not is_id(app):
            return None
        client = (await names(desk, (), [app])).clients.get(app)
        return client.name if client else ""


async def _words(desk: Desk, found: Iterable[dict[str, Any]]) -> dict[str, tuple[ConsentLine, ...]]:
    """What was granted, by digest; documents belong to workspaces, so each workspace is asked for on its own."""
    by_tenant: dict[str, dict[str, None]] = {}
    for one in found:
        by_tenant.setdefault(one["tenant"], {}).update(dict.fromkeys(one["documents"]))
    questions = [DocumentsInWords(tenant=tenant, documents=tuple(digests)) for tenant, digests in by_tenant.items()]
    nothing = DocumentsAnswer(documents={})
    told = await asyncio.gather(*(answered(desk.ask("permissions", one), nothing) for one in questions))
    return {digest: lines for one in told for digest, lines in one.documents.items()}


def _application(
    told: dict[str, Any],
    client: NamedClient | None,
    workspaces: dict[str, str],
    documents: dict[str, tuple[ConsentLine, ...]],
) -> Application:
    last_used = told["last_used_at"]
    return Application(
        tenant=told["tenant"],
        workspace=workspaces.get(told["tenant"], told["tenant"]),
        client=told["client"],
        name=client.name if client else told["client"],
        logo=client.logo if client else None,
        verified=client is not None and client.published,
        made_in=workspaces.get(client.tenant, "") if client else "",
        connections=told["connections"],
        since=dt.datetime.fromisoformat(told["connected_since"]),
        last_used=dt.datetime.fromisoformat(last_used) if last_used else None,
        lines=_together(documents.get(digest, ()) for digest in told["documents"]),
        scope=tuple(told["scope"]),
    )


def _together(documents: Iterable[tuple[ConsentLine, ...]]) -> tuple[ConsentLine, ...]:
    """Lines of several documents, each once: two connections of one app may have been granted different things."""
    every = {(line.title, line.sentence, line.details): line for lines in documents for line in lines}
    return tuple(sorted(every.values(), key=lambda line: not line.strong))
