"""`/profile/sessions`: where somebody is signed in, and ending it there."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_console.profile.agents import Agent, agent
from latchkey_contracts.ids import is_id
from latchkey_kit.web.problems import Problem, bad_request
from latchkey_look.pages import see_other

_PAGE = "/profile/sessions"
_LOGINS = "/v1/logins"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that is signed in; ``told`` is what it says of itself. ``current``: this one."""

    id: str
    since: dt.datetime
    last_seen: dt.datetime | None
    address: str
    told: str
    agent: Agent
    current: bool


class Sessions:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(self, desk: Desk) -> web.StreamResponse:
        found: list[dict[str, Any]] = (await desk.send("auth", "GET", _LOGINS))["data"]
        rows = sorted((_session(one) for one in found), key=_newest_first)
        values = {"rows": rows, "done": desk.request.query.get("said", ""), "ended": _count(desk)}
        template = "profile/sessions_part.html" if desk.is_partial else "profile/sessions.html"
        return self._parts.pages.page(template, desk, values)

    async def end(self, desk: Desk) -> web.StreamResponse:
        """End one. Doing it twice is doing it once."""
        session = str((await desk.form()).get("session", ""))
        if not is_id(session):
            raise bad_request("The form does not say which session.")
        try:
            await desk.send("auth", "DELETE", f"{_LOGINS}/{session}")
        except Problem as problem:
            if problem.status != 404:
                raise
        return see_other(f"{_PAGE}?said=ended")

    async def end_others(self, desk: Desk) -> web.StreamResponse:
        """End all but this one."""
        await desk.form()
        told = await desk.send("auth", "DELETE", _LOGINS)
        return see_other(f"{_PAGE}?{urlencode({'said': 'others_ended', 'ended': told['ended']})}")


def _session(told: dict[str, Any]) -> Session:
    last_seen = told["last_seen_at"]
    return Session(
        id=told["id"],
        since=dt.datetime.fromisoformat(told["created_at"]),
        last_seen=dt.datetime.fromisoformat(last_seen) if last_seen else None,
        address=told["address"] or "",
        told=told["agent"] or "",
        agent=agent(told["agent"] or ""),
        current=told["current"],
    )


def _count(desk: Desk) -> int:
    text = desk.request.query.get("ended", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _newest_first(session: Session) -> tuple[bool, float]:
    return (not session.current, -(session.last_seen or session.since).timestamp())
