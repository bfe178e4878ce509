"""Path → handler, and who may ask."""

from latchkey_contracts.feed import VERIFIERS
from latchkey_contracts.requests.console import OWNERS, DocumentsInWords, LinesOf, PersonRightsGet, RolesOf
from latchkey_contracts.requests.permissions import (
    CATALOGUE_PATH,
    CeilingGet,
    CeilingPut,
    LeavingAsk,
    PermissionsResolve,
    RightsGet,
    RoleAssign,
    RolePut,
    RoleUnassign,
)
from latchkey_kit.web.routes import Guests, Handler, Route, api, asked
from latchkey_permissions.handlers.catalogue import RESOURCE_SERVERS
from latchkey_permissions.handlers.in_words import InWords
from latchkey_permissions.handlers.operator import Operator
from latchkey_permissions.handlers.portfolios import Portfolios
from latchkey_permissions.handlers.role_members import RoleMembers
from latchkey_permissions.handlers.roles import RolesApi
from latchkey_permissions.handlers.teams import TeamsApi

_ROLE = "/v1/roles/{role_id}"
_TEAM = "/v1/teams/{team_id}"
_LIST = "/v1/portfolios/{user_id}"


def public(put_catalogue: Handler) -> tuple[Route, ...]:
    return (api("PUT", CATALOGUE_PATH, put_catalogue),)


def managed(
    *,
    roles: RolesApi,
    members: RoleMembers,
    teams: TeamsApi,
    portfolios: Portfolios,
    why: Handler,
) -> tuple[Route, ...]:
    return (
        _open("POST", "/v1/roles", roles.create),
        _open("GET", "/v1/roles", roles.list),
        _open("GET", _ROLE, roles.get),
        _open("PATCH", _ROLE, roles.edit),
        _open("DELETE", _ROLE, roles.remove),
        _open("GET", f"{_ROLE}/members", members.list),
        _open("PUT", f"{_ROLE}/members/{{user_id}}", members.put),
        _open("DELETE", f"{_ROLE}/members/{{user_id}}", members.remove),
        _open("POST", "/v1/teams", teams.create),
        _open("GET", "/v1/teams", teams.list),
        _open("GET", _TEAM, teams.get),
        _open("PATCH", _TEAM, teams.edit),
        _open("DELETE", _TEAM, teams.remove),
        _open("GET", _LIST, portfolios.get),
        _open("PUT", _LIST, portfolios.put),
        _open("GET", "/v1/why", why),
    )


def internal(
    *,
    put_catalogue: Handler,
    shown_catalogue: Handler,
    in_words: InWords,
    roles_of: Handler,
    resolve_permissions: Handler,
    get_rights: Handler,
    person_rights: Handler,
    put_ceiling: Handler,
    get_ceiling: Handler,
    leaving: Handler,
    left: Handler,
    operator: Operator,
    guests: Guests,
) -> tuple[Route, ...]:
    return (
        asked(CATALOGUE_PATH, put_catalogue, by=RESOURCE_SERVERS, method="PUT", guests=guests),
        asked(CATALOGUE_PATH, shown_catalogue, by=("console",), method="GET"),
        asked(LinesOf.path, in_words.lines, by=("console",)),
        asked(DocumentsInWords.path, in_words.documents, by=("console",)),
        asked(RolesOf.path, roles_of, by=("console",)),
        asked(PermissionsResolve.path, resolve_permissions, by=("auth", "token")),
        asked(RightsGet.path, get_rights, by=VERIFIERS, guests=guests),
        asked(PersonRightsGet.path, person_rights, by=(*OWNERS, "console")),
        asked(CeilingPut.path, put_ceiling, by=("client-registry",)),
        asked(CeilingGet.path, get_ceiling, by=("client-registry",)),
        asked(LeavingAsk.path, leaving, by=("auth",)),
        asked(RoleUnassign.path, left, by=("auth",)),
        asked(RolePut.path, operator.put_role, by=("operator",)),
        asked(RoleAssign.path, operator.assign_role, by=("operator",)),
    )


def _open(method: str, path: str, handler: Handler) -> Route:
    return api(method, path, handler, open_to_browsers=True)
