"""The console before stand-in owners that answer what a test tells them, and a browser without script.

================  =====================================================================================
``house``         the owners: tell them answers with ``house.on(…)``, see ``house.sent``
``console``       the console as it is served; all owners are ``house``
``browser``       somebody at it: ``await browser.get("/apps")``, ``await browser.post("/apps", {…})``
================  =====================================================================================
"""

import contextlib
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl

import aiohttp
import msgspec
import pytest
from aiohttp import web

from latchkey_console.__main__ import DEFINITION
from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    OWNERS,
    PersonRights,
    PersonRightsGet,
    SessionAnswer,
    SessionsResolve,
    SignedIn,
    Workspace,
)
from latchkey_kit.testing import ManualClock
from latchkey_kit.web.problems import Document, FieldError
from latchkey_look.cookies import Cookies

ORIGIN = "http://127.0.0.1:8080"
TENANT, USER = "1" * 32, "2" * 32
ACME = Workspace(id=TENANT, name="acme", title="Acme")
SESSION = "session-cookie"
CSRF = "csrf-token"
EVERYTHING = {
    name: ["create", "view", "update", "remove"]
    for name in ("oauthclient", "connection", "serviceaccount", "role", "member", "auditlog", "company")
}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the console to an owner. ``body`` is what JSON says, or bytes; ``actor`` the assertion with it."""

    owner: str
    method: str
    path: str
    params: dict[str, str]
    body: object
    actor: str
    headers: dict[str, str]


class House:
    """All owners on one port, each below its name. ``person`` is who is signed in, ``None`` for nobody.

    ``on(owner, method, path, answer)``: JSON, a ``Document`` (a problem), bytes, or a function of a `Sent` that gives
    one of them, awaited if need be; ``None`` is 204. ``path`` is a regular expression; what was told last is tried
    first. What nobody told is 404.
    """

    def __init__(self):
        self.person = person()
        self.rights = role()
        self.sent = []
        self.away = set()
        """Owners that answer 503."""
        self.url = ""
        self._answers = []
        self.on("auth", "POST", SessionsResolve.path, self._session)
        self.on("permissions", "POST", PersonRightsGet.path, lambda _: self.rights)

    def on(self, owner, method, path, answer):
        self._answers.insert(0, (owner, method, re.compile(path), answer))

    def refuse(self, owner, method, path, status, code, title="No.", **pointers):
        """Tell an owner to say no; ``pointers``: member → message, ``redirect_uris__1`` is ``/redirect_uris/1``."""
        errors = tuple(
            FieldError(pointer="/" + name.replace("__", "/"), message=message) for name, message in pointers.items()
        )
        self.on(owner, method, path, Document(status=status, title=title, code=code, errors=errors))

    def sign_in(self, *workspaces, staff=False):
        """Let somebody else be there: in these workspaces (name, title), the first one open."""
        known = tuple(
            Workspace(id=f"{place}" * 32, name=name, title=title) for place, (name, title) in enumerate(workspaces, 1)
        )
        self.person = person(*known, staff=staff)

    def give(self, permissions=None, **flags):
        """Give them another role: permissions in the plain shape, and the flags of the sections."""
        self.rights = role(EVERYTHING if permissions is None else permissions, **flags)

    def asked(self, owner, method, path):
        """What the console sent there, the oldest first."""
        wanted = re.compile(path)
        return [one for one in self.sent if (one.owner, one.method) == (owner, method) and wanted.fullmatch(one.path)]

    async def _session(self, sent):
        asked = msgspec.convert(sent.body, SessionsResolve)
        if self.person is None or asked.session != SESSION:
            return SessionAnswer(person=None)
        chosen = next((one for one in self.person.workspaces if one.name == asked.workspace), self.person.workspace)
        return SessionAnswer(person=msgspec.structs.replace(self.person, workspace=chosen))

    async def _serve(self, request):
        raw = await request.read()
        body = raw
        with contextlib.suppress(msgspec.DecodeError):
            body = msgspec.json.decode(raw) if raw else None
        owner, path = request.match_info["owner"], "/" + request.match_info["path"]
        sent = Sent(
            owner=owner,
            method=request.method,
            path=path,
            params=dict(request.query),
            body=body,
            actor=request.headers.get(ACTOR_HEADER, ""),
            headers=dict(request.headers),
        )
        self.sent.append(sent)
        return _response(await self._answer(sent))

    async def _answer(self, sent):
        if sent.owner in self.away:
            return Document(status=503, title="Away.", code="temporarily_unavailable")
        for owner, method, path, answer in self._answers:
            if (owner, method) == (sent.owner, sent.method) and path.fullmatch(sent.path):
                given = answer(sent) if callable(answer) else answer
                return await given if hasattr(given, "__await__") else given
        return Document(status=404, title="There is nothing here.", code="not_found")

    @contextlib.asynccontextmanager
    async def serving(self):
        app = web.Application(client_max_size=8 * 1024**2)
        app.router.add_route("*", "/{owner}/{path:.*}", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    @property
    def urls(self):
        """Settings of the console."""
        return {f"{owner.replace('-', '_')}_url": f"{self.url}/{owner}" for owner in OWNERS}


def _response(answer):
    if answer is None:
        return web.Response(status=204)
    if isinstance(answer, web.Response):
        return answer
    if isinstance(answer, bytes):
        return web.Response(body=answer)
    status = answer.status if isinstance(answer, Document) else 200
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")


def person(*workspaces, staff=False):
    """Who is signed in."""
    known = workspaces or (ACME,)
    return SignedIn(
        user=USER,
        email="carly@acme.test",
        name="Carly",
        staff=staff,
        workspaces=known,
        workspace=known[0],
        csrf=CSRF,
        sign_out_csrf="sign-out",
        assertions={owner: f"assertion-for-{owner}" for owner in OWNERS},
    )


def role(permissions=EVERYTHING, *, app_center=True, settings=True, audit=True):
    """What their role is: an admin's, unless told otherwise."""
    return PersonRights(
        role="4" * 32,
        role_name="Admin",
        permissions=msgspec.Raw(msgspec.json.encode(permissions)),
        portfolio="all",
        app_center=app_center,
        settings=settings,
        audit=audit,
    )


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to the browser."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def words(self):
        """What people read, on one line."""
        bare = re.sub(r"<(script|style)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", bare)).split())

    @property
    def where(self):
        return self.headers.get("Location", "")

    @property
    def query(self):
        """The parameters of where it sends the browser."""
        return dict(parse_qsl(self.where.partition("?")[2], keep_blank_values=True))

    def form(self, action):
        """The fields of the form with this action as a browser would send them: a list of name and value.

        Those outside of it that name it by ``form="…"`` are among them.
        """
        reader = _Forms()
        reader.feed(self.text)
        found = reader.forms[action]
        return [(name, value) for owner, name, value in reader.fields if owner in {action, found}]


class _Forms(HTMLParser):
    """``forms``: action → id. ``fields``: action or id of the form, name, value."""

    def __init__(self):
        super().__init__()
        self.forms, self.fields = {}, []
        self._open, self._select, self._area = None, None, None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        owner = given.get("form", self._open)
        if tag == "form":
            self._open = given.get("action", "")
            self.forms[self._open] = given.get("id", self._open)
        elif tag == "input" and "name" in given and "disabled" not in given:
            if given.get("type") not in {"checkbox", "radio", "submit", "file"} or "checked" in given:
                self.fields.append((owner, given["name"], given.get("value", "on" if "checked" in given else "") or ""))
        elif tag == "select":
            self._select = (owner, given.get("name"))
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((*self._select, given.get("value", "")))
        elif tag == "textarea":
            self._area = (owner, given.get("name"), "")

    def handle_data(self, data):
        if self._area:
            self._area = (*self._area[:2], self._area[2] + data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area:
            self.fields.append(self._area)
            self._area = None


class Browser:
    """Somebody at the console. ``post`` adds the hidden fields that each of our forms has."""

    def __init__(self, session, url):
        self._session = session
        self._url = url
        self.cookies = {Cookies(ORIGIN).session: SESSION}

    async def get(self, path, **headers):
        return await self._ask("GET", path, headers=headers)

    async def post(self, path, fields=(), **headers):
        given = list(fields.items()) if isinstance(fields, dict) else list(fields)
        hidden = {"csrf": CSRF, "workspace": ACME.name}
        given += [(name, value) for name, value in hidden.items() if name not in dict(given)]
        return await self._ask("POST", path, data=aiohttp.FormData(given), headers=headers)

    async def _ask(self, method, path, **rest):
        asked = self._session.request(method, self._url + path, cookies=self.cookies, allow_redirects=False, **rest)
        async with asked as answer:
            return Page(status=answer.status, text=await answer.text(), headers=dict(answer.headers))


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def house():
    async with House().serving() as made:
        yield made


@pytest.fixture
async def console(serving_service, clock, house):
    async with serving_service(DEFINITION, clock=clock, origin=ORIGIN, local_mode=True, **house.urls) as served:
        yield served


@pytest.fixture
def browser(console, http):
    return Browser(http, console.public_url)
