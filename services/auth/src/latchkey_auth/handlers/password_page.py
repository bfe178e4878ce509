"""``/password``: whom to ask for a link, and what the link opens."""

from collections.abc import Awaitable, Mapping
from typing import TypeVar

from aiohttp import web

from latchkey_auth.domain.forms import csrf_fits, csrf_token
from latchkey_auth.domain.people import unfit_password
from latchkey_auth.handlers.forms import read_form
from latchkey_auth.joining.passwords import PasswordLinks
from latchkey_auth.pages import Pages
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.passwords import Passwords
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.store.password_links import PasswordLink
from latchkey_kit.marking import N_
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other

_STALE = N_("This page was open for too long. Nothing was done. Please try again.")
_DIFFERENT = N_("The two are not the same.")
FoundT = TypeVar("FoundT")
_REFUSED = frozenset({403, 404, 409})


class PasswordPage:
    def __init__(
        self,
        links: PasswordLinks,
        sessions: Sessions,
        passwords: Passwords,
        form: SignInForm,
        pages: Pages,
        origin: str,
    ) -> None:
        self._links = links
        self._sessions = sessions
        self._passwords = passwords
        self._form = form
        self._pages = pages
        self._origin = origin

    async def forgotten(self, request: web.Request) -> web.Response:
        """Nothing is sent by us: a person who manages members makes the link."""
        return self._pages.page("forgotten.html", {}, lang=self._pages.language(request))

    async def show(self, request: web.Request) -> web.Response:
        found = await _unless_refused(self._links.good(_token(request)))
        return self._over(request) if found is None else self._page(request, found)

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_form(request, self._origin)
        found = await _unless_refused(self._links.good(_token(request)))
        if found is None:
            return self._over(request)
        if not csrf_fits(self._form.secret(request), "password", form.get("csrf")):
            return self._page(request, found, 403, alert=_STALE)
        password = form.get("password") or ""
        wrong = {
            "password": unfit_password(password),
            "again": None if password == (form.get("again") or "") else _DIFFERENT,
        }
        if any(wrong.values()):
            return self._page(request, found, 400, wrong=wrong)
        if await _unless_refused(self._links.use(_token(request), await self._passwords.hash(password))) is None:
            return self._over(request)
        response, cookies = see_other("/login?said=password_set"), self._sessions.cookies
        cookies.drop(response, cookies.session)  # whoever was signed in here: the next one is to be the link's user
        return response

    def _page(
        self,
        request: web.Request,
        found: PasswordLink,
        status: int = 200,
        *,
        wrong: Mapping[str, str | None] | None = None,
        alert: str | None = None,
    ) -> web.Response:
        secret = self._form.secret(request)
        values = {
            "user": found.user,
            "csrf": csrf_token(secret, "password"),
            "action": request.path,
            "wrong": wrong or {},
            "alert": alert,
        }
        response = self._pages.page("password.html", values, status, lang=self._pages.language(request))
        self._form.keep(request, response, secret)
        return response

    def _over(self, request: web.Request) -> web.Response:
        return self._pages.page("link_over.html", {"kind": "password"}, 404, lang=self._pages.language(request))


def _token(request: web.Request) -> str:
    return request.match_info["token"]


async def _unless_refused(wanted: Awaitable[FoundT | None]) -> FoundT | None:
    """``None`` also when whoever made the link may not make it any more."""
    try:
        return await wanted
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        return None
