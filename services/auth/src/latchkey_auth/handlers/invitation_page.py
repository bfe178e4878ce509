"""``/invitation/{token}``: joining a workspace, with a new account or the one that somebody has."""

from collections.abc import Mapping

from aiohttp import web

from latchkey_auth.domain import people as rules
from latchkey_auth.domain.forms import csrf_fits, csrf_token
from latchkey_auth.domain.links import token_hash
from latchkey_auth.domain.people import Person, User
from latchkey_auth.handlers.forms import read_form
from latchkey_auth.joining.joining import Joined, Joining, KnownAlready, NotGood
from latchkey_auth.pages import Pages
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.passwords import Passwords
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store import invitations, people
from latchkey_auth.store.invitations import Invitation
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.marking import N_
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other
from latchkey_oauth.parameters import Parameters

_STALE = N_("This page was open for too long. Nothing was done. Please try again.")
_REFUSED = frozenset({403, 404, 409})


class InvitationPage:
    def __init__(
        self, database: Database, sessions: Sessions, passwords: Passwords, joining: Joining, form: SignInForm,
        pages: Pages, clock: Clock, entropy: Entropy, origin: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._joining = joining
        self._form = form
        self._pages = pages
        self._clock = clock
        self._entropy = entropy
        self._origin = origin

    async def show(self, request: web.Request) -> web.Response:
        person = await self._sessions.person(request)
        async with self._database.connection() as connection:
            found = await invitations.good(connection, token_hash(_token(request)))
            known = found is not None and await people.credentials(connection, found.email) is not None
        if found is None:
            return self._over(request)
        if person is not None:
            return self._for_person(request, found, person)
        if known:
            return self._form.page(request, next_path=request.path, app=found.tenant.title, email=found.email)
        return self._for_stranger(request, found)

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._origin)
        person = await self._sessions.person(request)
        async with self._database.connection() as connection:
            found = await invitations.good(connection, token_hash(_token(request)))
        if found is None:
            return self._over(request)
        try:
            joined = await self._join(request, form, found, person)
        except NotGood:
            return self._over(request)
        except KnownAlready:
            return see_other(request.path)
        except Problem as problem:
            if problem.status not in _REFUSED:
                raise
            return self._over(request)
        return joined if isinstance(joined, web.Response) else self._welcome(joined)

    async def _join(
        self, request: web.Request, form: Parameters, found: Invitation, person: Person | None
    ) -> Joined | web.Response:
        """Join, or show the page again with what is wrong."""
        if person is not None:
            if not csrf_fits(person.csrf_secret, "invitation", form.get("csrf")):
                return self._for_person(request, found, person, 403, alert=_STALE)
            return await self._joining.as_known(_token(request), person.user)
        if not csrf_fits(self._form.secret(request), "invitation", form.get("csrf")):
            return self._for_stranger(request, found, 403, name=form.get("name") or "", alert=_STALE)
        name, password = (form.get("name") or "").strip(), form.get("password") or ""
        wrong = {"name": rules.unfit_text(name), "password": rules.unfit_password(password)}
        if any(wrong.values()):
            return self._for_stranger(request, found, 400, name=name, wrong=wrong)
        user = User(id=new_id(self._clock, self._entropy), email=found.email, name=name)
        password_hash = await self._passwords.hash(password)
        return await self._joining.as_new(request, _token(request), user, password_hash)

    def _welcome(self, joined: Joined) -> web.Response:
        """To the console, in the workspace that was joined."""
        response, cookies = see_other("/?said=joined"), self._sessions.cookies
        cookies.put(response, cookies.workspace, joined.tenant.name)
        if joined.session is not None:
            cookies.put(response, cookies.session, joined.session)
            cookies.drop(response, cookies.sign_in)
        return response

    def _for_stranger(
        self,
        request: web.Request,
        found: Invitation,
        status: int = 200,
        *,
        name: str = "",
        wrong: Mapping[str, str | None] | None = None,
        alert: str | None = None,
    ) -> web.Response:
        secret = self._form.secret(request)
        values = {
            "invitation": found,
            "person": None,
            "csrf": csrf_token(secret, "invitation"),
            "next": request.path,
            "name": name,
            "wrong": wrong or {},
            "alert": alert,
        }
        response = self._pages.page("invitation.html", values, status, lang=self._pages.language(request))
        self._form.keep(request, response, secret)
        return response

    def _for_person(
        self, request: web.Request, found: Invitation, person: Person, status: int = 200, *, alert: str | None = None
    ) -> web.Response:
        values = {
            "invitation": found,
            "person": person,
            "csrf": csrf_token(person.csrf_secret, "invitation"),
            "sign_out_csrf": csrf_token(person.csrf_secret, "sign-out"),
            "next": request.path,
            "wrong": {},
            "alert": alert,
        }
        return self._pages.page("invitation.html", values, status, lang=self._pages.language(request))

    def _over(self, request: web.Request) -> web.Response:
        return self._pages.page("link_over.html", {"kind": "invitation"}, 404, lang=self._pages.language(request))


def _token(request: web.Request) -> str:
    return request.match_info["token"]
