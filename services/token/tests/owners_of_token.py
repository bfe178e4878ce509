"""Stand-ins for the services that the token service asks: the client registry, auth and permissions."""

import contextlib
import hashlib
import json

import msgspec
from aiohttp import web

from latchkey_contracts.requests.clients import GateAnswer, GateGet
from latchkey_contracts.requests.console import PersonRights, PersonRightsGet
from latchkey_contracts.requests.permissions import Part, PermissionsResolve, Resolution, Rights, RightsGet
from latchkey_contracts.requests.standing import (
    Standing,
    StandingAnswer,
    StandingGet,
    StandingList,
    StandingPage,
)
from latchkey_embedded import free_port


class Registry:
    """Speaks for the client registry: what it knows is what it answers."""

    def __init__(self):
        self.gates = {}
        self.asked = 0
        self.away = False

    async def gate(self, request):
        self.asked += 1
        if self.away:
            raise web.HTTPServiceUnavailable
        asked = (await request.json())["client"]
        return web.Response(body=msgspec.json.encode(GateAnswer(gate=self.gates.get(asked))))


class Standings:
    """Speaks for the owners of what turns: how it stands is what they answer."""

    def __init__(self):
        self.known = {}
        self.limits = ()
        self.away = False
        self.away_after = None
        self.asked = []
        self.sequence = 0

    def put(self, kind, key, turn, **fields):
        """The owner commits a turn."""
        self.known[kind, key] = Standing(kind=kind, key=key, turn=turn, **({"reason": "test.turned"} | fields))
        return self.known[kind, key]

    async def get(self, request):
        ask = await self._ask(request, StandingGet)
        return web.Response(body=msgspec.json.encode(StandingAnswer(standing=self.known.get((ask.kind, ask.key)))))

    async def list(self, request):
        """Two a page, so that there are several."""
        ask = await self._ask(request, StandingList)
        start = int(ask.after or 0)
        if self.away_after is not None and start > self.away_after:
            raise web.HTTPServiceUnavailable
        everything = list(self.known.values())
        page = StandingPage(
            epoch="e" * 32, sequence=self.sequence, standings=tuple(everything[start : start + 2]),
            limits=self.limits if not start else (), next=str(start + 2) if len(everything) > start + 2 else None,
        )  # fmt: skip
        return web.Response(body=msgspec.json.encode(page))

    async def _ask(self, request, kind):
        ask = msgspec.json.decode(await request.read(), type=kind)
        self.asked.append(ask)
        if self.away:
            raise web.HTTPServiceUnavailable
        return ask


class Permissions:
    """Speaks for the permissions service: everybody may do what stands here."""

    def __init__(self):
        self.everybody = {"connection": ["view", "remove"]}
        self.roles = {}
        self.resolved = 0
        self.away = False

    async def rights(self, _request):
        permissions = msgspec.Raw(json.dumps(self.everybody).encode())
        document = msgspec.Raw(json.dumps({"permissions": self.everybody, "portfolio": "all"}).encode())
        part = Part(key="0" * 32, revision=1, permissions=permissions)
        rights = Rights(document=document, ceiling=part, role=part, assignment=1, portfolio="all")
        return web.Response(body=msgspec.json.encode(rights))

    async def person(self, request):
        """What somebody's role is, by tenant and user; others have none."""
        asked = msgspec.json.decode(await request.read(), type=PersonRightsGet)
        permissions = self.roles.get((asked.tenant, asked.user))
        rights = PersonRights(
            role=None if permissions is None else "e" * 32, role_name="A role",
            permissions=msgspec.Raw(json.dumps(permissions or {}).encode()), portfolio="own",
            app_center=False, settings=False, audit=False,
        )  # fmt: skip
        return web.Response(body=msgspec.json.encode(rights))

    async def resolve(self, request):
        if self.away:
            raise web.HTTPServiceUnavailable
        self.resolved += 1
        scope = (await request.json())["scope"]
        all_words = {f"{model}:{action}" for model, actions in self.everybody.items() for action in actions}
        words = sorted(all_words if scope == "inclusive" else all_words & set(scope.split(" ")))
        if not words:
            return web.Response(body=msgspec.json.encode(Resolution(refusal="nothing")))
        document = hashlib.sha256(" ".join(words).encode()).hexdigest()
        return web.Response(body=msgspec.json.encode(Resolution(document=document, scope=tuple(words))))


@contextlib.asynccontextmanager
async def serving_owners(registry, permissions, standings, actors):
    """The other services that this one asks, on one port."""
    app = web.Application()
    app.router.add_post(GateGet.path, registry.gate)
    app.router.add_post(StandingGet.path, standings.get)
    app.router.add_post(StandingList.path, standings.list)
    app.router.add_post(RightsGet.path, permissions.rights)
    app.router.add_post(PermissionsResolve.path, permissions.resolve)
    app.router.add_post(PersonRightsGet.path, permissions.person)
    app.router.add_routes([actors.route()])
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
