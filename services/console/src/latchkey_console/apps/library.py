"""`/apps`: the workspace's apps, with search and filters that stand in the address."""

import asyncio
from typing import Annotated, Literal

import msgspec
from aiohttp import web

from latchkey_console.apps.registry import all_apps, in_use, labs_are_on
from latchkey_console.apps.said import saying
from latchkey_console.apps.soft import if_there
from latchkey_console.apps.views import App
from latchkey_console.desk import Desk
from latchkey_console.parts import Parts
from latchkey_kit.web.bodies import query
from latchkey_kit.web.problems import Problem

_SHOWN = 50
Status = Literal["", "active", "disabled", "compromised", "published", "pending"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. ``kind`` is the part of the library, ``page`` counts from 1."""

    kind: Literal["", "oauth-clients"] = ""
    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    type: Literal["", "confidential", "public"] = ""
    status: Status = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    said: str = ""

    @property
    def filters(self) -> bool:
        return bool(self.q.strip() or self.type or self.status)

    def takes(self, app: App) -> bool:
        if self.type not in {"", app.type} or not _stands(app, self.status):
            return False
        words = self.q.casefold().split()
        text = f"{app.name} {app.description} {app.client_id}".casefold()
        return all(word in text for word in words)


class Library:
    def __init__(self, parts: Parts) -> None:
        self._pages = parts.pages

    async def show(self, desk: Desk) -> web.Response:
        wanted = query(desk.request, Wanted)
        try:
            (known, cut), labs = await asyncio.gather(all_apps(desk), labs_are_on(desk))
        except Problem as problem:
            if problem.status != 403:
                raise
            return self._pages.page("apps/not_here.html", desk, {"labs": True}, 403)
        found = sorted(filter(wanted.takes, known), key=lambda app: app.updated_at, reverse=True)
        start = (wanted.page - 1) * _SHOWN
        shown = found[start : start + _SHOWN]
        values = {
            "wanted": wanted,
            "labs": labs,
            "apps": shown,
            "uses": await if_there(in_use(desk, shown)),
            "found": len(found),
            "known": len(known),
            "cut": cut,
            "before": wanted.page - 1 if start else None,
            "after": wanted.page + 1 if start + _SHOWN < len(found) else None,
            "said": saying(self._pages, desk, wanted.said),
        }
        return self._pages.page("apps/library.html", desk, values)


def _stands(app: App, status: Status) -> bool:
    if status == "published":
        return app.published
    if status == "pending":
        return app.publishing.state == "pending"
    return status in {"", app.status}
