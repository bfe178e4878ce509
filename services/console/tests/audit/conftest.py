"""The console before owners that answer what the test says: real HTTP, the shapes of the contracts."""

import datetime as dt
import json
import re

import msgspec
import pytest
from aiohttp import web

from latchkey_console.__main__ import DEFINITION
from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    ClientsAnswer,
    ClientsNamed,
    DocumentsAnswer,
    DocumentsInWords,
    NamedClient,
    NamedPerson,
    PeopleAnswer,
    PeopleNamed,
    PersonRights,
    PersonRightsGet,
    SessionAnswer,
    SessionsResolve,
    SignedIn,
    Workspace,
)
from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_kit.testing import ManualClock
from latchkey_kit.web.problems import Document

ACME, GLOBEX = "019b7ca98f2e7e9d8a86d351cf9a7642", "019b7ca98f2e7e9d8a86d351cf9a7643"
RITA, SAM = "019b7ca98f2e704f88996da763b7a969", "019b7ca98f2e704f88996da763b7a96a"
SYNC, CLAUDE = "019b7ca98f2e79488fe603f61dc036b5", "019b7ca98f2e79488fe603f61dc036b6"
CONNECTION = "019b7ca98f2e71488fe603f61dc036c7"
CSRF = "csrf-of-the-session"
AUDITOR = {"auditlog": ["view", "export"], "member": ["view"], "oauthclient": ["view"]}


class Stand:
    """All owners on one address. ``asked`` is what they were asked: method, path and query."""

    def __init__(self):
        self.asked = []
        self.away = set()
        self.refused = {}
        self.session = "session-of-rita"
        self.workspaces = (
            Workspace(id=ACME, name="acme", title="Acme"),
            Workspace(id=GLOBEX, name="globex", title="Globex"),
        )
        self.staff = False
        self.flags = {"app_center": True, "settings": True, "audit": True}
        self.permissions = AUDITOR
        self.entries = []
        self.next_cursor = None
        self.export = [b"id,time\r\n", b"1,2\r\n"]
        self.people = {
            RITA: NamedPerson(name="Rita Ray", email="rita@acme.test"),
            SAM: NamedPerson(name="Sam Sun", email="sam@acme.test"),
        }
        self.clients = {
            SYNC: NamedClient(name="Acme Sync", tenant=ACME),
            CLAUDE: NamedClient(name="Claude", tenant=GLOBEX, published=True),
        }
        self.documents = {}
        self.connections = []
        self.logins = []
        self.url = ""
        self.word = "word of auth for {}".format

    def asks(self, method, path):
        return [query for verb, where, query in self.asked if (verb, where) == (method, path)]

    async def answer(self, request):
        path, query = request.path, dict(request.query)
        self.asked.append((request.method, path, query))
        if path in self.away:
            return _json(Document(status=503, title="Away.", code="temporarily_unavailable"), 503)
        if path in self.refused:
            problem = self.refused[path]
            return _json(problem, problem.status)
        body = await request.read()
        if path in _QUESTIONS:
            kind, name = _QUESTIONS[path]
            return _json(getattr(self, name)(msgspec.json.decode(body, type=kind)))
        assert request.headers[ACTOR_HEADER]
        return await self._managed(request, path, query)

    async def _managed(self, request, path, query):
        if path == "/v1/audit-events/export":
            return await self._exported(request)
        if path == "/v1/my/connections":
            return self._my_connections(request.method, query)
        if path.startswith("/v1/logins"):
            return self._logins(request.method, path)
        return _json(self._listed(path))

    def _listed(self, path):
        if path == "/v1/audit-events":
            return {"data": self.entries, "next_cursor": self.next_cursor}
        if path == "/v1/members":
            members = [{"id": id_, "name": one.name, "email": one.email} for id_, one in self.people.items()]
            return {"data": members, "next_cursor": None}
        if path == "/v1/oauth-clients":
            return {"data": [{"id": SYNC, "name": "Acme Sync"}], "next_cursor": None}
        found = re.fullmatch(r"/v1/audit-events/(\w+)", path)
        return next(one for one in self.entries if one["id"] == found.group(1))

    def _my_connections(self, method, query):
        if method == "DELETE":
            gone = (query["tenant"], query["client"])
            self.connections = [one for one in self.connections if (one["tenant"], one["client"]) != gone]
            return _json({"effective_at": "2026-01-01T12:00:00Z"})
        return _json({"data": self.connections, "next_cursor": None})

    def _logins(self, method, path):
        if method == "GET":
            return _json({"data": self.logins})
        before, ended = len(self.logins), path.removeprefix("/v1/logins").strip("/")
        self.logins = [one for one in self.logins if (one["id"] != ended if ended else one["current"])]
        return web.Response(status=204) if ended else _json({"ended": before - len(self.logins)})

    async def _exported(self, request):
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in self.export:
            if piece is None:
                request.transport.abort()
                return response
            await response.write(piece)
        await response.write_eof()
        return response

    def _who(self, question):
        if question.session != self.session:
            return SessionAnswer(person=None)
        open_one = next((one for one in self.workspaces if one.name == question.workspace), None)
        owners = ("auth", "token", "client-registry", "permissions", "audit")
        return SessionAnswer(
            person=SignedIn(
                user=RITA,
                email="rita@acme.test",
                name="Rita Ray",
                staff=self.staff,
                workspaces=self.workspaces,
                workspace=open_one or next(iter(self.workspaces), None),
                csrf=CSRF,
                sign_out_csrf="csrf-of-sign-out",
                assertions={name: self.word(name) for name in owners},
            )
        )

    def _rights(self, _question):
        permissions = msgspec.Raw(json.dumps(self.permissions).encode())
        return PersonRights(role="4" * 32, role_name="Admin", permissions=permissions, portfolio="all", **self.flags)

    def _people(self, question):
        return PeopleAnswer(people={one: self.people[one] for one in question.users if one in self.people})

    def _clients(self, question):
        return ClientsAnswer(clients={one: self.clients[one] for one in question.clients if one in self.clients})

    def _documents(self, question):
        return DocumentsAnswer(
            documents={one: self.documents[one] for one in question.documents if one in self.documents}
        )


_QUESTIONS = {
    SessionsResolve.path: (SessionsResolve, "_who"),
    PersonRightsGet.path: (PersonRightsGet, "_rights"),
    PeopleNamed.path: (PeopleNamed, "_people"),
    ClientsNamed.path: (ClientsNamed, "_clients"),
    DocumentsInWords.path: (DocumentsInWords, "_documents"),
}


def _json(value, status=200):
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def entry_of(position=1, action="user.signed_in", title="Signed in", **members):
    """One entry, as the log shows it."""
    at = dt.datetime(2026, 1, 1, 11, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=position)
    usual = {
        "id": f"{position:032x}", "time": at.isoformat(), "recorded_at": at.isoformat(), "position": position,
        "action": action, "title": title, "result": "success", "subject": RITA, "user": RITA, "client": None,
        "connection": None, "address": "198.51.100.7", "agent": "curl/8.5.0", "staff": False, "source": "auth",
        "request_id": None, "details": {}, "hash": "ab" * 32,
    }  # fmt: skip
    return usual | members


@pytest.fixture
def entry():
    return entry_of


@pytest.fixture
def ids():
    return {
        "acme": ACME, "globex": GLOBEX, "rita": RITA, "sam": SAM, "sync": SYNC, "claude": CLAUDE,
        "connection": CONNECTION, "csrf": CSRF,
    }  # fmt: skip


@pytest.fixture
def line():
    return lambda sentence, **more: ConsentLine(title="Company", sentence=sentence, **more)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def stand():
    made = Stand()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def console(serving_service, clock, stand):
    owners = ("auth_url", "token_url", "client_registry_url", "permissions_url", "audit_url")
    async with serving_service(DEFINITION, clock=clock, **dict.fromkeys(owners, stand.url)) as served:
        yield served


@pytest.fixture
def at(console, http, stand):
    """Ask for a page as Rita's browser: status, headers and text. Redirects are not followed."""

    async def ask(path, *, method="GET", session=None, form=None, htmx=False, **headers):
        given = {"Cookie": f"__Host-latchkey_session={session or stand.session}", **headers}
        if htmx:
            given["HX-Request"] = "true"
        async with http.request(
            method, f"{console.public_url}{path}", headers=given, data=form, allow_redirects=False
        ) as response:
            return response.status, response.headers, await response.text()

    return ask
