"""A tenant with something of every kind, its admin, and whatever the public API has that takes an id."""

import asyncio
import contextlib
import importlib
import inspect
import io
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from keepers import SERVICES
from PIL import Image

from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.testing import eventually
from latchkey_kit.web.routes import Family, Route
from latchkey_records.domain.catalogue import KINDS
from latchkey_records.domain.kinds import Kind

ID = re.compile(r"\b[0-9a-f]{32}\b")
MOVING = {"last_used_at", "effective_at", "number"}
"""What changes by itself, or with every answer."""
FILLED = {"client_id": "client", "secret_id": "secret", "role_id": "role", "team_id": "team", "user_id": "user",
          "consumer_id": "consumer", "event_id": "event"}  # fmt: skip
BUILDERS = ("public", "managed", "proof", "consumers")
"""Functions that a service's public routes come from."""
RESTLESS = {"/v1/audit-events", "/v1/audit-checkpoints"}
"""Lists that grow by being asked."""


class Anything:
    """Stands in for every handler: routes are only looked at."""

    def __init__(self, _name: str = "") -> None:
        """Take the name of what it stands for."""

    def __getattr__(self, name):
        return self


def api_routes() -> Iterator[Route]:
    """What bearers may ask of the public API, from the modules where the services have their routes."""
    for service in SERVICES:
        module = importlib.import_module(f"latchkey_{service.replace('-', '_')}.routes")
        for name in BUILDERS:
            for route in _built(getattr(module, name, None)):
                refuses = not isinstance(route.handler, Anything)  # 404 and 405 for all that is not there
                if route.family is Family.API and route.path.startswith("/v1/") and not refuses:
                    yield route


def _built(build) -> tuple[Route, ...]:
    if build is None:
        return ()
    given = dict.fromkeys(inspect.signature(build).parameters, Anything())
    if "models" in given:
        given["models"] = [(kind.route, Anything(), Anything()) for kind in KINDS]
    return build(**given)


def unknown() -> str:
    """An id that never was anything's."""
    return new_id(SystemClock(), SystemEntropy())


def values_of(kind: Kind, company: str) -> dict:
    """What a new record of a model needs."""
    needed = {field.name: "Wonder" for field in kind.fields if field.required}
    return needed | ({"company": company} if any(field.name == "company" for field in kind.fields) else {})


UNTELLING = {"date", "x-request-id", "content-length", "transfer-encoding"}
"""The gateway frames an empty stream in one way or the other, as its end comes; the bodies are compared themselves."""


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    text: str

    def about(self, asked: str) -> str:
        """Byte for byte what was answered to a question about ``asked``, but for what tells answers apart."""
        text = re.sub(r'"(request_id|effective_at|number)":("[^"]*"|\d+)', r'"\1":…', self.text)
        told = {name: value for name, value in self.headers.items() if name.lower() not in UNTELLING}
        head = re.sub(r"\d{8}T\d{6}Z", "…", str(sorted(told.items())))  # a file's name has its time
        return f"{self.status} {head} {text}".replace(asked, "ASKED")

    @property
    def body(self):
        return json.loads(self.text)


class Tenant:
    """Seen by its admin, who has every right. ``own`` has an id of each kind."""

    def __init__(self, house, token: str, own: dict[str, str]) -> None:
        self.house = house
        self.own = own
        self._token = token

    async def ask(self, method: str, path: str, body=None) -> Answer:
        """A 503 is asked again, as its answer says."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json, text/event-stream"}
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        while True:
            async with self.house.http.request(method, self.house.origin + path, headers=headers, **sent) as said:
                text = await said.text()
                if said.status != 503:
                    return Answer(said.status, dict(said.headers), text)
            await asyncio.sleep(int(said.headers["Retry-After"]))

    async def made(self, path: str, body: dict) -> str:
        said = await self.ask("POST", path, body)
        assert said.status == 201, said
        return said.body["id"]

    async def listed(self, path: str) -> list[dict]:
        """All of a list, page by page."""
        found, more = [], ""
        while True:
            body = (await self.ask("GET", f"{path}?limit=200{more}")).body
            found += body["data"]
            if body["next_cursor"] is None:
                return found
            more = f"&cursor={body['next_cursor']}"

    async def everything(self) -> dict[str, list[dict]]:
        """All that its lists show, but for the audit log, which tells of asking too."""
        paths = [path for path in LISTS if path not in RESTLESS]
        members = f"/v1/roles/{self.own['role']}/members"
        found = {path: await self.listed(path) for path in (*paths, members)}
        return {path: [_still(one) for one in rows] for path, rows in found.items()}

    async def call(self, model: str, operation: str, **parameters) -> Answer:
        """Use the MCP server's tool."""
        arguments = {"model_route": model, "operation": operation, "parameters": parameters}
        params = {"name": "perform_model_action", "arguments": arguments}
        return await self.ask("POST", "/v1/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


def _still(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in MOVING}


async def fill(tenant: Tenant) -> None:
    """Make one thing of every kind."""
    own = tenant.own
    own["client"] = await tenant.made("/v1/oauth-clients", {"name": "Wonder", "redirect_uris": ["https://a.test/b"]})
    own["secret"] = (await tenant.ask("GET", f"/v1/oauth-clients/{own['client']}")).body["secrets"][0]["id"]
    own["role"] = await tenant.made("/v1/roles", {"name": "Wonder"})
    own["team"] = await tenant.made("/v1/teams", {"name": "Wonder", "members": [own["user"]]})
    for kind in sorted(KINDS, key=lambda one: one.name != "company"):
        own[kind.name] = await tenant.made(f"/v1/{kind.route}", values_of(kind, own.get("company", "")))
    own["consumer"] = await tenant.made("/v1/audit-consumers", {"name": "Wonder"})
    assert (await tenant.ask("PUT", f"/v1/portfolios/{own['user']}", {"companies": [own["company"]]})).status == 200
    (told,) = await eventually(lambda: _told_of(tenant, own["client"]))
    own["event"] = told["id"]


async def _told_of(tenant: Tenant, client: str) -> list[dict]:
    entries = await tenant.listed("/v1/audit-events")
    return [one for one in entries if (one["action"], one["subject"]) == ("client.created", client)]


ROUTES = list(api_routes())
NO_LISTS = ("/export", "/why", "/mcp", "/mcp/", "/stream", "/entries", "/keys", "/summary")
LISTS = [route.path for route in ROUTES if route.method == "GET" and "{" not in route.path
         and not route.path.endswith(NO_LISTS)]  # fmt: skip


def own_ids(route: Route, mine: Tenant) -> dict[str, str]:
    """What a tenant has for the places of a route's path."""
    return {place: mine.own[_kind_of(route, place)] for place in re.findall(r"{(\w+)}", route.path)}


def questions(route: Route, mine: Tenant, asked: str) -> Iterator[str]:
    """Paths of a route with ``asked`` in every place of an id, and in some with the other places one's own."""
    own = own_ids(route, mine)
    places = list(own)
    for some in itertools.product((True, False), repeat=len(places)):
        if any(some):
            ids = {place: asked if foreign else own[place] for place, foreign in zip(places, some, strict=True)}
            yield route.path.format(**ids)


def _kind_of(route: Route, place: str) -> str:
    if place != "id":
        return FILLED[place]
    by_route = {f"/v1/{kind.route}": kind.name for kind in KINDS}
    return by_route.get(route.path.removesuffix("/{id}"), "connection")


def change_for(route: Route) -> dict | bytes | None:
    """A body that would be taken, were the id one's own."""
    if route.method == "PUT" and route.path.endswith("/logo"):
        return picture()
    if route.method == "PUT" and route.path.startswith("/v1/portfolios"):
        return {"companies": []}
    if route.path.endswith("/replay"):
        return {"since": "2026-01-01T00:00:00Z"}
    if route.method == "PATCH":
        kind = next((kind for kind in KINDS if route.path == f"/v1/{kind.route}/{{id}}"), None)
        return {field.name: "Taken" for field in kind.fields if field.required} if kind else {"name": "Taken"}
    return {} if route.method in {"POST", "PUT"} else None


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    return written.getvalue()


def structs_with_ids(suffix: str) -> Iterator[tuple[type, set[str]]]:
    """Classes of handlers of query strings, and their members that are ids."""
    for service in SERVICES:
        package = f"latchkey_{service.replace('-', '_')}.handlers"
        with contextlib.suppress(ModuleNotFoundError):
            for module in _modules(package):
                for name, one in inspect.getmembers(module, inspect.isclass):
                    ours = one.__module__ == module.__name__ and name.endswith(suffix)
                    if ours and issubclass(one, msgspec.Struct) and (found := ids_of(one)):
                        yield one, found


def ids_of(struct: type) -> set[str]:
    return {field.name for field in msgspec.inspect.type_info(struct).fields if "[0-9a-f]{32}" in repr(field.type)}


def _modules(package: str):
    folder = importlib.import_module(package).__path__[0]
    for file in sorted(Path(folder).glob("*.py")):
        yield importlib.import_module(f"{package}.{file.stem}" if file.stem != "__init__" else package)
