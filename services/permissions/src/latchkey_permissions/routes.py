"""Path → handler, and who may ask."""

from typing import Final

from latchkey_contracts.requests.permissions import (
    CeilingGet,
    CeilingPut,
    PermissionsResolve,
    RightsGet,
    RoleAssign,
    RolePut,
)
from latchkey_kit.web.routes import Handler, Route, api
from latchkey_kit.web.routes import internal as asked_by
from latchkey_permissions.handlers.catalogue import RESOURCE_SERVERS

VERIFIERS: Final = ("edge", "records", "mcp", "token", "client-registry", "audit")


def public(put_catalogue: Handler) -> tuple[Route, ...]:
    return (api("PUT", "/v1/catalogue", put_catalogue),)


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
        asked_by("/v1/catalogue", put_catalogue, RESOURCE_SERVERS, method="PUT"),
        asked_by(PermissionsResolve.path, resolve_permissions, ("auth",)),
        asked_by(RightsGet.path, get_rights, VERIFIERS),
        asked_by(CeilingPut.path, put_ceiling, ("client-registry",)),
        asked_by(CeilingGet.path, get_ceiling, ("client-registry",)),
        asked_by(RolePut.path, put_role, ("operator",)),
        asked_by(RoleAssign.path, assign_role, ("operator",)),
    )
