"""The sign-in form, and its protection against a sign-in that another site starts."""

from aiohttp import web

from latchkey_auth.domain.forms import csrf_token
from latchkey_auth.domain.people import Person
from latchkey_auth.pages import Pages
from latchkey_auth.sign_in.sessions import Sessions


class SignInForm:
    """Before there is a session, a cookie of its own holds the secret that the form's token is made from.

    On https its ``__Host-`` name keeps other hosts of the domain from choosing that secret.
    """

    def __init__(self, sessions: Sessions, pages: Pages) -> None:
        self._sessions = sessions
        self._pages = pages

    def secret(self, request: web.Request) -> bytes:
        """Secret of this browser's forms; a new one that fits none if it has none."""
        value = request.cookies.get(self._sessions.cookies.sign_in) or self._sessions.random()
        return value.encode("utf-8", "surrogatepass")

    def page(
        self,
        request: web.Request,
        status: int = 200,
        *,
        next_path: str | None = None,
        app: str | None = None,
        alert: str | None = None,
        email: str = "",
        again: Person | None = None,
    ) -> web.Response:
        """Show the form. ``next_path`` is where to go on, ``app`` what for, ``alert`` what was wrong.

        ``again``: who is signed in already, and is to prove it once more.
        """
        secret = self.secret(request)
        csrf = csrf_token(secret, "sign-in")
        values = {
            "csrf": csrf,
            "next": next_path,
            "app": app,
            "alert": alert,
            "email": again.user.email if again else email,
            "said": request.query.get("said"),
            "again": again is not None,
        }
        lang = self._pages.language(request)
        response = self._pages.page("sign_in.html", values, status, lang=lang, leads_away=True)
        self.keep(request, response, secret)
        return response

    def keep(self, request: web.Request, response: web.Response, secret: bytes) -> None:
        """Give the browser the secret of the forms that it is shown, if it has none."""
        if not request.cookies.get(self._sessions.cookies.sign_in):
            self._sessions.cookies.put(response, self._sessions.cookies.sign_in, secret.decode())
