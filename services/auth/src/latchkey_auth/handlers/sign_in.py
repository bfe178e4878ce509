"""``/login``: the sign-in form and what happens when it is sent."""

from aiohttp import web

from latchkey_auth.afterwards import Afterwards
from latchkey_auth.domain.forms import csrf_fits, csrf_token, safe_next
from latchkey_auth.domain.people import User, folded_email
from latchkey_auth.handlers.forms import read_form
from latchkey_auth.pages import Pages
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.sign_in.failures import FailedSignIns
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.limits import SignInLimits
from latchkey_auth.sign_in.passwords import Passwords
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store import people
from latchkey_contracts.events.auth import UserSignedIn
from latchkey_kit.db import Database
from latchkey_kit.marking import N_
from latchkey_look.pages import see_other
from latchkey_oauth.parameters import Parameters

_STALE = N_("This page was open for too long. Please sign in again.")
_MISSING = N_("Enter your e-mail address and your password.")
_WRONG = N_("The e-mail address or the password is wrong.")
_TOO_MANY = N_("Too many failed sign-ins. Wait a minute, then try again.")
_TOO_MANY_FOR_LONG = N_("Too many failed sign-ins. Wait %(minutes)d minutes, then try again.")


class SignIn:
    def __init__(
        self, database: Database, sessions: Sessions, passwords: Passwords, limits: SignInLimits,
        events: AccountEvents, failures: FailedSignIns, afterwards: Afterwards, pages: Pages, form: SignInForm,
        origin: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._limits = limits
        self._events = events
        self._failures = failures
        self._afterwards = afterwards
        self._pages = pages
        self._form = form
        self._origin = origin

    async def show(self, request: web.Request) -> web.Response:
        """Ask who it is, to go on to ``next``; who is signed in goes on at once."""
        person, go_on = await self._sessions.person(request), safe_next(request.query.get("next"))
        if person is None:
            return self._form.page(request, next_path=go_on)
        if go_on is not None:
            return see_other(go_on)
        values = {"person": person, "sign_out_csrf": csrf_token(person.csrf_secret, "sign-out"), "next": None}
        return self._pages.page("signed_in.html", values, lang=self._pages.language(request))

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._origin)
        if not csrf_fits(self._form.secret(request), "sign-in", form.get("csrf")):
            return self._again(request, form, 403, _STALE)
        email, password = folded_email(form.get("email") or ""), form.get("password")
        if not email or password is None:
            return self._again(request, form, 400, _MISSING)
        async with self._database.connection() as connection:
            found = await people.credentials(connection, email)
        with self._limits.checking():
            wait = self._limits.begun(email)
            fits = wait == 0 and await self._passwords.fits(found.password_hash if found else None, password)
        if fits and found is not None and not found.disabled:
            value = await self._begin(request, found.user, found.password_hash)
            if value is not None:
                self._limits.succeeded(email)
                return self._welcome(form, value)
        wait = max(wait, self._limits.failed(email))
        if found is not None:
            # On the side: an unknown address has no event to wait for, and the difference would tell them apart.
            reason = "disabled" if fits else "wrong_password"
            self._afterwards.do(self._failures.tell(found.user.id, reason=reason, wait=wait))
        return self._refuse(request, form, wait)

    async def _begin(self, request: web.Request, user: User, password_hash: str) -> str | None:
        async with self._database.transaction() as connection:
            value = await self._sessions.start(connection, request, user, password_hash)
            if value is not None:
                await self._events.add(connection, UserSignedIn(user=user.id))
        return value

    def _welcome(self, form: Parameters, value: str) -> web.Response:
        response = see_other(safe_next(form.get("next")) or "/")
        self._sessions.cookies.put(response, self._sessions.cookies.session, value)
        self._sessions.cookies.drop(response, self._sessions.cookies.sign_in)
        return response

    def _refuse(self, request: web.Request, form: Parameters, wait: int) -> web.Response:
        if wait == 0:
            return self._again(request, form, 403, _WRONG)
        response = self._again(request, form, 429, _TOO_MANY if wait <= 60 else _TOO_MANY_FOR_LONG, -(-wait // 60))
        response.headers["Retry-After"] = str(wait)
        return response

    def _again(self, request: web.Request, form: Parameters, status: int, alert: str, minutes: int = 0) -> web.Response:
        back, alert = safe_next(form.get("next")), self._pages.words(alert, lang=self._pages.language(request))
        said = alert % {"minutes": minutes} if minutes else alert
        ours = csrf_fits(self._form.secret(request), "sign-in", form.get("csrf"))  # no other site says what it is for
        app = form.get("app") if ours else None
        return self._form.page(request, status, next_path=back, app=app, alert=said, email=form.get("email") or "")
