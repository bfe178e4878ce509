"""Path → handler."""

from collections.abc import Iterator

from latchkey_auth.handlers.authorize import Authorize
from latchkey_auth.handlers.decide import Decide
from latchkey_auth.handlers.elsewhere import no_page, nothing, only
from latchkey_auth.handlers.invitation_page import InvitationPage
from latchkey_auth.handlers.invitations import InvitationsApi
from latchkey_auth.handlers.logins import Logins
from latchkey_auth.handlers.member_lookup import MemberLookup
from latchkey_auth.handlers.members import MembersApi
from latchkey_auth.handlers.operator import Operator
from latchkey_auth.handlers.own_password_page import OwnPasswordPage
from latchkey_auth.handlers.password_links import PasswordLinksApi
from latchkey_auth.handlers.password_page import PasswordPage
from latchkey_auth.handlers.resolving import SessionResolving
from latchkey_auth.handlers.sign_in import SignIn
from latchkey_auth.handlers.sign_out import SignOut
from latchkey_auth.handlers.staff_tenants import StaffTenants
from latchkey_auth.handlers.standings import Standings
from latchkey_auth.handlers.switches import Switches
from latchkey_contracts.requests.console import OWNERS, ActorKeysGet, PeopleNamed, SessionsResolve
from latchkey_contracts.requests.members import MembersGet
from latchkey_contracts.requests.operator import MemberPut, TenantNamed, TenantPut, UserPut
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, UserSwitch
from latchkey_contracts.requests.standing import StandingGet, StandingList
from latchkey_kit.web.routes import Route, api, asked, for_console, page

_OPERATOR = ("operator",)
_TOKEN = ("token",)
_CONSOLE = ("console",)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def public(
    authorize: Authorize,
    decide: Decide,
    sign_in: SignIn,
    sign_out: SignOut,
    invitation: InvitationPage,
    password: PasswordPage,
    own_password: OwnPasswordPage,
    members: MembersApi,
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
        page("GET", "/invitation/{token}", invitation.show),
        page("POST", "/invitation/{token}", invitation.submit),
        page("*", "/invitation/{token}", only("GET", "POST")),
        page("GET", "/password", password.forgotten),
        page("*", "/password", only("GET")),
        page("GET", "/password/change", own_password.show),
        page("POST", "/password/change", own_password.submit),
        page("*", "/password/change", only("GET", "POST")),
        page("GET", "/password/{token}", password.show),
        page("POST", "/password/{token}", password.submit),
        page("*", "/password/{token}", only("GET", "POST")),
        page("*", "/{elsewhere:.*}", no_page),
    )


def managed(members: MembersApi) -> tuple[Route, ...]:
    """The management API."""
    return (
        api("GET", "/v1/members", members.list, open_to_browsers=True),
        api("POST", "/v1/members", members.add, open_to_browsers=True),
        api("DELETE", "/v1/members/{user_id}", members.remove, open_to_browsers=True),
    )


def managed_at_console(
    logins: Logins, invitations: InvitationsApi, password_links: PasswordLinksApi, tenants: StaffTenants
) -> tuple[Route, ...]:
    """What people do by themselves, and no app for them."""
    return (
        asked("/v1/logins", logins.list, by=_CONSOLE, method="GET"),
        asked("/v1/logins", logins.end_others, by=_CONSOLE, method="DELETE"),
        asked("/v1/logins/{login_id}", logins.end, by=_CONSOLE, method="DELETE"),
        asked("/v1/invitations", invitations.list, by=_CONSOLE, method="GET"),
        asked("/v1/invitations", invitations.create, by=_CONSOLE),
        asked("/v1/invitations/{invitation_id}", invitations.withdraw, by=_CONSOLE, method="DELETE"),
        asked("/v1/members/{user_id}/password-link", password_links.for_member, by=_CONSOLE),
        asked("/v1/users/password-link", password_links.by_staff, by=_CONSOLE),
        asked("/v1/tenants", tenants.list, by=_CONSOLE, method="GET"),
        asked("/v1/tenants", tenants.create, by=_CONSOLE),
    )


def _others(path: str, *allowed: str) -> Iterator[Route]:
    """405 for what a path of the API does not take. HEAD and OPTIONS are the kit's."""
    return (api(method, path, only(*allowed)) for method in _METHODS if method not in allowed)


def internal(
    operator: Operator,
    switches: Switches,
    standings: Standings,
    member_lookup: MemberLookup,
    resolving: SessionResolving,
    members: MembersApi,
) -> tuple[Route, ...]:
    return (
        asked(SessionsResolve.path, resolving.resolve, by=_CONSOLE),
        asked(PeopleNamed.path, member_lookup.named, by=_CONSOLE),
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
        asked(MembersGet.path, member_lookup.among, by={"permissions", "console"}),
    )
