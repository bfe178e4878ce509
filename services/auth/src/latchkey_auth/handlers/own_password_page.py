"""``/password/change``: somebody who is signed in chooses another password."""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from latchkey_auth.domain.forms import csrf_fits, csrf_token
from latchkey_auth.domain.people import Person, unfit_password
from latchkey_auth.handlers.forms import read_form
from latchkey_auth.pages import Pages
from latchkey_auth.sign_in.own_password import Changed, OwnPassword, Wrong
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_kit.marking import N_
from latchkey_look.pages import see_other
from latchkey_oauth.parameters import Parameters

_TO_SIGN_IN = "/login?next=/password/change"
_STALE = N_("This page was open for too long. Nothing was done. Please try again.")
_MISSING = N_("Enter the password that you have now.")
_WRONG = N_("This is not your current password.")
_DIFFERENT = N_("The two are not the same.")
_SAME = N_("This is the password that you have. Choose another one.")
_TOO_MANY = N_("Too many wrong passwords. Wait a minute, then try again.")
_TOO_MANY_FOR_LONG = N_("Too many wrong passwords. Wait %(minutes)d minutes, then try again.")


class OwnPasswordPage:
    def __init__(self, own_password: OwnPassword, sessions: Sessions, pages: Pages, origin: str) -> None:
        self._own_password = own_password
        self._sessions = sessions
        self._pages = pages
        self._origin = origin

    async def show(self, request: web.Request) -> web.Response:
        person = await self._sessions.person(request)
        return see_other(_TO_SIGN_IN) if person is None else self._page(request, person)

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._origin)
        person = await self._sessions.person(request)
        if person is None:
            return see_other(_TO_SIGN_IN)
        if not csrf_fits(person.csrf_secret, "own-password", form.get("csrf")):
            return self._page(request, person, 403, alert=self._words(request, _STALE))
        wrong = _unfit(form)
        if any(wrong.values()):
            return self._page(request, person, 400, wrong=wrong)
        done = await self._own_password.change(person, form.get("current") or "", form.get("password") or "")
        if done is None:
            return see_other(_TO_SIGN_IN)
        return self._refuse(request, person, done) if isinstance(done, Wrong) else self._done(done)

    def _done(self, changed: Changed) -> web.Response:
        said = urlencode({"said": "password_changed", "ended": changed.ended})
        response, cookies = see_other(f"/profile/sessions?{said}"), self._sessions.cookies
        cookies.put(response, cookies.session, changed.session)
        return response

    def _refuse(self, request: web.Request, person: Person, refused: Wrong) -> web.Response:
        wait = refused.wait
        if wait == 0:
            return self._page(request, person, 403, wrong={"current": _WRONG})
        words = self._words(request, _TOO_MANY if wait <= 60 else _TOO_MANY_FOR_LONG)
        alert = words % {"minutes": -(-wait // 60)} if wait > 60 else words
        return self._page(request, person, 429, alert=alert, headers={"Retry-After": str(wait)})

    def _words(self, request: web.Request, message: str) -> str:
        return self._pages.words(message, lang=self._pages.language(request))

    def _page(
        self,
        request: web.Request,
        person: Person,
        status: int = 200,
        *,
        wrong: Mapping[str, str | None] | None = None,
        alert: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        values = {
            "person": person,
            "csrf": csrf_token(person.csrf_secret, "own-password"),
            "wrong": wrong or {},
            "alert": alert,
        }
        lang = self._pages.language(request)
        return self._pages.page("own_password.html", values, status, lang=lang, headers=headers)


def _unfit(form: Parameters) -> dict[str, str | None]:
    """What is wrong whatever the current password is."""
    current, password = form.get("current") or "", form.get("password") or ""
    return {
        "current": None if current else _MISSING,
        "password": _SAME if password and password == current else unfit_password(password),
        "again": None if password == (form.get("again") or "") else _DIFFERENT,
    }
