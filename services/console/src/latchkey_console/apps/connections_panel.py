"""The panel "Connections" of an app: who connected it, since when, how it ended, and the way to disconnect it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from latchkey_console.apps.views import App
from latchkey_console.desk import Desk
from latchkey_contracts.events.token import UserDisconnected
from latchkey_contracts.ids import Id
from latchkey_contracts.requests.console import NamedPerson, PeopleNamed
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Problem

_SHOWN: Final = 50
LIVING: Final = frozenset({"active", "pending"})


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """As its owner shows it. ``last_used_at``: when its last tokens were made.

    ``expires_by`` is the limit that ends it, ``revoked_reason`` a code of the owner's, ``revoked_by`` the id of who
    disconnected user and app, where that is known.
    """

    id: Id
    user: Id
    scope: tuple[str, ...]
    status: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime
    expires_by: str = "unused"
    revoked_at: dt.datetime | None = None
    revoked_reason: str | None = None
    revoked_by: Id | None = None

    @property
    def lives(self) -> bool:
        return self.status in LIVING

    @property
    def ended_at(self) -> dt.datetime:
        return self.revoked_at or self.expires_at

    @property
    def ending(self) -> str:
        """Why one that lives no more has ended; a code."""
        if self.revoked_at is None:
            return f"expired.{self.expires_by}"
        if self.revoked_reason == UserDisconnected.type and self.revoked_by is not None:
            return f"{self.revoked_reason} {'user' if self.revoked_by == self.user else 'admin'}"
        return self.revoked_reason or ""


class _Page(msgspec.Struct, frozen=True):
    data: tuple[Connection, ...]
    next_cursor: str | None


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """All that ``apps/connections.html`` shows, as ``connections``. ``older`` is the cursor of what comes after.

    ``people`` by id: who is known. ``ended``: those that live no more are shown, and only they. ``may_cut`` and
    ``may_see`` are rights of who looks.
    """

    client: App
    rows: Sequence[Connection] = ()
    people: Mapping[str, NamedPerson] = {}
    older: str | None = None
    first: bool = True
    ended: bool = False
    may_see: bool = True
    may_cut: bool = False


async def panel(desk: Desk, client: App, *, ended: bool = False, cursor: str | None = None) -> Panel:
    """Give the panel; raises as `Desk.send`, but not for a right that is lacking."""
    if not desk.may("connection", "view"):
        return Panel(client=client, may_see=False)
    try:
        rows, older = await _found(desk, client.id, ended=ended, cursor=cursor)
    except Problem as problem:
        if problem.status != HTTPStatus.FORBIDDEN:
            raise
        return Panel(client=client, may_see=False)
    return Panel(
        client=client,
        rows=rows,
        people=await _people(desk, {row.user for row in rows}),
        older=older,
        first=cursor is None,
        ended=ended,
        may_cut=desk.may("connection", "remove"),
    )


async def _found(
    desk: Desk, client: str, *, ended: bool, cursor: str | None
) -> tuple[Sequence[Connection], str | None]:
    """The newest first, a page of them: the living, or those that ``ended``."""
    params = {"client": client, "limit": str(_SHOWN), "ended": "true" if ended else "false"}
    params |= {"cursor": cursor} if cursor else {}
    page = msgspec.convert(await desk.send("token", "GET", "/v1/connections", params=params), _Page)
    return page.data, page.next_cursor


async def _people(desk: Desk, users: set[str]) -> Mapping[str, NamedPerson]:
    if not users:
        return {}
    try:
        answer = await desk.ask("auth", PeopleNamed(tenant=desk.workspace.id, users=tuple(sorted(users))))
    except (PeerUnavailable, PeerRefused):
        return {}  # their ids are shown then: who a connection belongs to matters less than to cut it
    return answer.people
