"""Path → handler, and who may ask."""

from latchkey_contracts.feed import VERIFIERS
from latchkey_contracts.requests.permissions import (
    CATALOGUE_PATH,
    CeilingGet,
    CeilingPut,
    PermissionsResolve,
    RightsGet,
    RoleAssign,
    RolePut,
)
from latchkey_kit.web.routes import Handler, Route, api, asked
from latchkey_permissions.handlers.catalogue import RESOURCE_SERVERS


def public(put_catalogue: Handler) -> tuple[Route, ...]:
    return (api("PUT", CATALOGUE_PATH, put_catalogue),)


def internal(
    *,
    put_catalogue: Handler,
    resolve_permissions: Handler,
    get_rights: Handler,
    put_ceiling: Handler,
    get_ceiling: Handler,
    put_role: Handler,
    assign_role: Handler,
) -> tuple[Route, ...]:
    return (
        asked(CATALOGUE_PATH, put_catalogue, by=RESOURCE_SERVERS, method="PUT"),
        asked(PermissionsResolve.path, resolve_permissions, by=("auth", "token")),
        asked(RightsGet.path, get_rights, by=VERIFIERS),
        asked(CeilingPut.path, put_ceiling, by=("client-registry",)),
        asked(CeilingGet.path, get_ceiling, by=("client-registry",)),
        asked(RolePut.path, put_role, by=("operator",)),
        asked(RoleAssign.path, assign_role, by=("operator",)),
    )
