"""Path → handler."""

from collections.abc import Iterator

from latchkey_auth.handlers.authorize import Authorize
from latchkey_auth.handlers.decide import Decide
from latchkey_auth.handlers.elsewhere import no_page, nothing, only
from latchkey_auth.handlers.members import MembersApi
from latchkey_auth.handlers.operator import Operator
from latchkey_auth.handlers.resolving import SessionResolving
from latchkey_auth.handlers.sign_in import SignIn
from latchkey_auth.handlers.sign_out import SignOut
from latchkey_auth.handlers.standings import Standings
from latchkey_auth.handlers.switches import Switches
from latchkey_contracts.requests.console import OWNERS, ActorKeysGet, SessionsResolve
from latchkey_contracts.requests.members import MembersGet
from latchkey_contracts.requests.operator import MemberPut, TenantNamed, TenantPut, UserPut
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_contracts.requests.standing import StandingGet, StandingList
from latchkey_kit.web.routes import Handler, Route, api, asked, for_console, page

_OPERATOR = ("operator",)
_TOKEN = ("token",)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def public(
    authorize: Authorize, decide: Decide, sign_in: SignIn, sign_out: SignOut, members: MembersApi
) -> tuple[Route, ...]:
    """Pages and an API; the last lines give what is unknown to pages a page too."""
    return (
        *managed(members),
        *_others("/v1/members", "GET", "POST"),
        *_others("/v1/members/{user_id}", "DELETE"),
        api("*", "/v1/{elsewhere:.*}", nothing),
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


def managed(members: MembersApi) -> tuple[Route, ...]:
    """The management API."""
    return (
        api("GET", "/v1/members", members.list, open_to_browsers=True),
        api("POST", "/v1/members", members.add, open_to_browsers=True),
        api("DELETE", "/v1/members/{user_id}", members.remove, open_to_browsers=True),
    )


def _others(path: str, *allowed: str) -> Iterator[Route]:
    """405 for what a path of the API does not take. HEAD and OPTIONS are the kit's."""
    return (api(method, path, only(*allowed)) for method in _METHODS if method not in allowed)


def internal(
    operator: Operator,
    switches: Switches,
    standings: Standings,
    member_lookup: Handler,
    resolving: SessionResolving,
    members: MembersApi,
) -> tuple[Route, ...]:
    return (
        asked(SessionsResolve.path, resolving.resolve, by={"console"}),
        asked(ActorKeysGet.path, resolving.keys, by=OWNERS),
        *for_console(managed(members)),
        asked(TenantPut.path, operator.put_tenant, by=_OPERATOR),
        asked(UserPut.path, operator.put_user, by=_OPERATOR),
        asked(MemberPut.path, operator.put_member, by=_OPERATOR),
        asked(UserSwitch.path, switches.user, by=_OPERATOR),
        asked(TenantNamed.path, operator.tenant_named, by=_OPERATOR),
        asked(TenantSwitch.path, switches.tenant, by=_OPERATOR),
        asked(TenantLimit.path, switches.limit, by=_OPERATOR),
        asked(StandingGet.path, standings.get, by=_TOKEN),
        asked(StandingList.path, standings.list, by=_TOKEN),
        asked(MembersGet.path, member_lookup, by={"permissions", "console"}),
    )
