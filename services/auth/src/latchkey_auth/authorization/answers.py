"""Authorization responses: back to the app, with ``state`` as it came and ``iss`` (RFC 9207)."""

from aiohttp import web

from latchkey_auth.authorization.front_door import Visit
from latchkey_look.pages import see_other
from latchkey_oauth import authorization_response
from latchkey_oauth.errors import OAuthError


class Answers:
    """``issuer`` is the API origin: what the app compares ``iss`` with, byte for byte."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def code(self, visit: Visit, code: str) -> web.Response:
        state = visit.parameters.get("state")
        return see_other(authorization_response.success(visit.redirect_uri, code=code, state=state, iss=self._issuer))

    def error(self, visit: Visit, error: OAuthError) -> web.Response:
        return see_other(self.error_url(visit, error))

    def error_url(self, visit: Visit, error: OAuthError) -> str:
        state = visit.parameters.get("state")
        return authorization_response.failure(visit.redirect_uri, error, state=state, iss=self._issuer)
