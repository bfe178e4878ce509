"""Path → handler."""

from latchkey_auth.handlers.authorize import Authorize
from latchkey_auth.handlers.decide import Decide
from latchkey_auth.handlers.elsewhere import no_page, only
from latchkey_auth.handlers.operator import Operator
from latchkey_auth.handlers.sign_in import SignIn
from latchkey_auth.handlers.sign_out import SignOut
from latchkey_contracts.requests.operator import MemberPut, TenantPut, UserPut
from latchkey_kit.web.routes import Route, asked, page

_OPERATOR = ("operator",)


def public(authorize: Authorize, decide: Decide, sign_in: SignIn, sign_out: SignOut) -> tuple[Route, ...]:
    """Pages; the last lines give unknown paths and methods a page too."""
    return (
        page("GET", "/oauth/authorize", authorize.show),
        page("POST", "/oauth/authorize", decide.submit),
        page("*", "/oauth/authorize", only("GET", "POST")),
        page("GET", "/login", sign_in.show),
        page("POST", "/login", sign_in.submit),
        page("*", "/login", only("GET", "POST")),
        page("POST", "/logout", sign_out.submit),
        page("*", "/logout", only("POST")),
        page("*", "/{elsewhere:.*}", no_page),
    )


def internal(operator: Operator) -> tuple[Route, ...]:
    return (
        asked(TenantPut.path, operator.put_tenant, by=_OPERATOR),
        asked(UserPut.path, operator.put_user, by=_OPERATOR),
        asked(MemberPut.path, operator.put_member, by=_OPERATOR),
    )
