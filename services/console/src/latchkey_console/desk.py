"""Somebody at a page: who it is, in which workspace, what their role allows, and the ways to the owners."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
from aiohttp import web

from latchkey_console import forms
from latchkey_console.forms import Form
from latchkey_console.owners import AnswerT, Owner, Owners
from latchkey_console.pages import ConsolePages
from latchkey_contracts.requests import Ask
from latchkey_contracts.requests.console import (
    PersonRights,
    PersonRightsGet,
    SessionsResolve,
    SignedIn,
    Workspace,
)
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import Handler
from latchkey_look.cookies import Cookies
from latchkey_look.pages import see_other
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet

Section = Literal["app_center", "settings", "audit", "staff"]
"""A part of the console that not everybody has: a flag of the role, or staff."""
Room = Literal["apps", "audit", "roles", "members", "staff"]
"""What a menu leads to."""
_ROOMS: Final[Mapping[Room, tuple[Section, str | None]]] = {
    "apps": ("app_center", "oauthclient"),
    "audit": ("audit", "auditlog"),
    "roles": ("settings", "role"),
    "members": ("settings", "member"),
    "staff": ("staff", None),
}
"""The section that a room lies in, and what one must have the right to view there."""
_SAME_SITE = frozenset({"same-origin", "none"})


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """One request of somebody who is signed in. ``rights`` are ``None`` for who is in no workspace."""

    person: SignedIn
    rights: PersonRights | None
    lang: str
    owners: Owners
    request: web.Request

    @property
    def workspace(self) -> Workspace:
        """The workspace that is open; whoever has none does not get to where it is needed."""
        assert self.person.workspace is not None, "sections need a workspace"  # noqa: S101 - for the type
        return self.person.workspace

    @property
    def csrf(self) -> str:
        """For a hidden field ``csrf`` of each form."""
        return self.person.csrf

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks, for a part of the page."""
        return "HX-Request" in self.request.headers

    def has(self, section: Section) -> bool:
        if section == "staff":
            return self.person.staff
        return self.rights is not None and bool(getattr(self.rights, section))

    def may(self, model: str, action: Action) -> bool:
        """Whether the role allows it. The owner decides; this is for what to show."""
        return self.rights is not None and PermissionSet.decode(bytes(self.rights.permissions)).allows(model, action)

    def shows(self, room: Room) -> bool:
        """Whether a room has anything to show to this person: no menu leads to a refusal."""
        section, model = _ROOMS[room]
        return self.has(section) and (model is None or self.may(model, "view"))

    async def send(
        self,
        owner: Owner,
        method: str,
        path: str,
        body: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask an owner for this person; as `Owners.send`. A ``body`` of bytes is sent as it is."""
        return await self.owners.send(self.person, owner, method, path, body, params, headers)

    async def ask(self, owner: Owner, question: Ask[AnswerT]) -> AnswerT:
        """Ask in the console's own name; raises ``PeerUnavailable`` and ``PeerRefused``."""
        return await self.owners.ask(owner, question)

    def stream(self, owner: Owner, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        return self.owners.stream(self.person, owner, path, params)

    async def form(self) -> Form:
        """Read a form that one of our pages sent in this session.

        Raises:
            Problem: 403 for any other, and for one that was shown in a workspace that is not theirs any more; 400 as
                `forms.read`.

        """
        fetch_site = self.request.headers.get("Sec-Fetch-Site")
        if fetch_site is not None and fetch_site not in _SAME_SITE:
            raise Problem(403, "cross_site", "This form was sent by another site.", "Nothing was done.")
        form = await forms.read(self.request)
        if not hmac.compare_digest(str(form.get("csrf", "")).encode(), self.csrf.encode()):
            raise Problem(
                403, "stale_form", "This page is no longer valid.", "Nothing was done. Reload the page and try again."
            )
        open_now = self.person.workspace.name if self.person.workspace else None
        if form.get("workspace", open_now) != open_now:
            # Auth opens another one for who has left this one: the form was not meant for that.
            raise Problem(403, "other_workspace", "You do not belong to this workspace any more.", "Nothing was done.")
        return form


AtDesk = Callable[[Desk], Awaitable[web.StreamResponse]]


class Desks:
    """Who is at the browser, for every page that is not for strangers. ``origin`` is that of the pages."""

    def __init__(self, owners: Owners, cookies: Cookies, pages: ConsolePages, origin: str) -> None:
        self._owners = owners
        self._pages = pages
        self.cookies = cookies
        self.origin = origin

    def signed_in(self, handler: AtDesk, section: Section | None = None) -> Handler:
        """A handler for whoever is signed in and has the section; others are sent to sign in, or told what is lacking.

        The workspace is the one that a field ``workspace`` of a form names, else the one that was chosen last.
        """

        async def at_desk(request: web.Request) -> web.StreamResponse:
            desk = await self._open(request)
            if desk is None:
                return _to_sign_in(request)
            if section is not None and not desk.has(section):
                return self._pages.page("no_access.html", desk, {"section": section}, 403)
            return await handler(desk)

        return at_desk

    async def visitor(self, request: web.Request) -> Desk | None:
        """Who is there, for pages that are for strangers too."""
        return await self._open(request)

    async def _open(self, request: web.Request) -> Desk | None:
        cookie = _of_ours(request.cookies.get(self.cookies.session))
        if not cookie:
            return None
        wanted = await self._wanted(request)
        answer = await self._owners.ask("auth", SessionsResolve(session=cookie, workspace=wanted))
        person = answer.person
        if person is None:
            return None
        rights = None
        if person.workspace is not None:
            question = PersonRightsGet(tenant=person.workspace.id, user=person.user)
            rights = await self._owners.ask("permissions", question)
        return Desk(
            person=person, rights=rights, lang=self._pages.language(request), owners=self._owners, request=request
        )

    async def _wanted(self, request: web.Request) -> str | None:
        """A form says for which workspace it was shown: another tab may have chosen another one since."""
        if request.method == "POST":
            named = (await forms.read(request)).get("workspace")
            if isinstance(named, str):
                return named
        return _of_ours(request.cookies.get(self.cookies.workspace))


def _of_ours(cookie: str | None) -> str | None:
    """A cookie that we can have set. Others may hold bytes that are no text, or U+0000 behind a backslash."""
    return cookie if cookie is not None and cookie.isascii() and cookie.isprintable() else None


def _to_sign_in(request: web.Request) -> web.Response:
    """To the sign-in page, and back to this one; htmx is told to leave the page as a whole."""
    where = f"/login?next={quote(request.path_qs if request.method == 'GET' else request.path, safe='/')}"
    if "HX-Request" in request.headers:
        return web.Response(status=401, headers={"HX-Redirect": where, "Cache-Control": "no-store"})
    return see_other(where)
