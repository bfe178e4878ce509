"""A resource server of somebody else, with a data model of its own: reports about companies.

It has nothing but what `docs/verifying.md` tells everybody: a name, a secret, and `latchkey-verify`.
"""

import aiohttp
from aiohttp import web

from latchkey_verify import Effective, connect
from latchkey_verify.aiohttp import BEARER, GUARD, protect

MODEL = {
    "name": "report",
    "route": "reports",
    "title": "Report",
    "plural": "reports",
    "actions": ["view", "update"],
    "fields": [
        {"name": "title", "type": "text", "title": "Title"},
        {"name": "margin", "type": "number", "title": "Margin"},
        {"name": "pages", "type": "number", "title": "Pages", "writable": False},
    ],
}
FIELDS = [field["name"] for field in MODEL["fields"]]
READ_ONLY = {"pages"}


async def register(http: aiohttp.ClientSession, origin: str, name: str, secret: str, *models: dict) -> tuple[int, dict]:
    """Put the catalogue: status and answer."""
    headers = {"Authorization": aiohttp.encode_basic_auth(name, secret)}
    async with http.put(f"{origin}/v1/catalogue", json={"models": models or [MODEL]}, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


class Reports:
    """``kept`` are the reports: each has a tenant, the owner of its company, and values by field."""

    def __init__(self) -> None:
        self.kept: dict[str, dict] = {}

    def app(self, **access: str) -> web.Application:
        """Serve them behind the verifier; ``access`` is what `latchkey_verify.connect` is told."""
        audience = f"{access['origin']}/v1"
        app = web.Application()
        app.add_routes([web.get("/reports", self.list), web.patch("/reports/{id}", self.update)])
        protect(app, connect(audience, **access), audience, scope="inclusive")
        return app

    async def list(self, request: web.Request) -> web.Response:
        effective = await request[GUARD].require(request[BEARER], "report", "view")
        found = [_shown(one, effective) for one in self.kept.values() if _within(one, request, effective)]
        return web.json_response({"data": found, "next_cursor": None})

    async def update(self, request: web.Request) -> web.Response:
        bearer, guard = request[BEARER], request[GUARD]
        effective = await guard.require(bearer, "report", "update")
        one = self.kept.get(request.match_info["id"])
        if one is None or not _within(one, request, effective):
            raise web.HTTPNotFound
        values = await request.json()
        for name in values:
            if name not in FIELDS or name in READ_ONLY:
                raise web.HTTPBadRequest(text=name)
            if not effective.permissions.allows_field("report", name, "update"):
                raise guard.lacking(effective, "report", "update")
        guard.confirm(bearer)
        one["values"] |= values
        return web.json_response(_shown(one, effective))


def _within(one: dict, request: web.Request, effective: Effective) -> bool:
    """Whether both kinds of portfolio hold the report's company."""
    bearer = request[BEARER]
    holds = {
        "all": True,
        "own": one["owner"] == bearer.user,
        "team": one["owner"] in effective.team,
        "listed": one["company"] in effective.listed,
    }
    return one["tenant"] == bearer.tenant and all(holds[kind] for kind in effective.portfolios)


def _shown(one: dict, effective: Effective) -> dict:
    visible = [name for name in FIELDS if effective.permissions.allows_field("report", name, "view")]
    return {"id": one["id"], **{name: one["values"][name] for name in visible}}
