"""`permissions.resolve`: what a user may grant to a client, in scopes and in plain words."""

import msgspec
from aiohttp import web

from latchkey_contracts.requests.permissions import PermissionsResolve, Resolution
from latchkey_kit.db import Connection, Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.domain.choosing import narrowed
from latchkey_permissions.domain.consent import beyond_before, consent_lines
from latchkey_permissions.domain.lacking import lacking
from latchkey_permissions.store import rights
from latchkey_policy import scope
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.effective import GrantDocument
from latchkey_policy.errors import UnknownScope, quotable
from latchkey_policy.permissions import PermissionSet, everything

_NOTHING = Resolution(refusal="nothing")


class ResolvePermissions:
    """Stores the grant document, so that a consent has something to name; what nobody grants does no harm."""

    def __init__(self, database: Database, catalogue: SharedCatalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, PermissionsResolve)
        async with self._database.connection() as connection:
            standing = await rights.standing(connection, asked.tenant, asked.user, asked.client)
            catalogue = await self._catalogue.at(connection, standing.stamp)
            found = _resolved(asked, standing, catalogue)
            if isinstance(found, Resolution):
                return answer(found)
            document = GrantDocument(found, standing.portfolio)
            digest = await rights.keep(connection, asked.tenant, document)
            new = await _new(connection, asked, document)
        lines = consent_lines(found, catalogue, new)
        return answer(Resolution(document=digest, scope=found.scopes(), lines=lines))


async def _new(connection: Connection, asked: PermissionsResolve, document: GrantDocument) -> frozenset[str]:
    if asked.before is None:
        return frozenset()
    return beyond_before(document, await rights.document(connection, asked.tenant, asked.before))


def _resolved(asked: PermissionsResolve, standing: rights.Standing, catalogue: Catalogue) -> PermissionSet | Resolution:
    try:
        wanted = scope.parse_scope(asked.scope or "", default=asked.default, catalogue=catalogue)
    except UnknownScope as error:
        return Resolution(refusal="unknown_scope", named=(quotable(error.word),))
    ceiling = standing.ceiling
    if standing.dynamic:
        # Without a ceiling there is nothing that "all of it" could mean but what the role has.
        ceiling = everything(catalogue)
        wanted = msgspec.structs.replace(wanted, kind="inclusive") if wanted.kind == "default" else wanted
    if ceiling is None or standing.role is None:
        return _NOTHING
    match scope.resolve(wanted, ceiling, standing.role, catalogue):
        case scope.NothingLeft():
            return _NOTHING
        case scope.Missing(permissions):
            return Resolution(refusal="missing", named=lacking(permissions, catalogue))
        case scope.Granted(permissions):
            left = narrowed(permissions, asked.chosen)
            return _NOTHING if left.is_empty else left
