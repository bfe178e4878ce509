"""`permissions.resolve`: what a user may grant to a client, in scopes and in plain words."""

from aiohttp import web

from latchkey_contracts.requests.permissions import ConsentLine, PermissionsResolve, Resolution
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.domain.lacking import lacking
from latchkey_permissions.store import rights
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.effective import GrantDocument
from latchkey_policy.errors import UnknownScope, quotable
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.scope import Granted, Missing, NothingLeft, parse_scope, resolve
from latchkey_policy.words import describe


class ResolvePermissions:
    """Stores the grant document, so that a consent has something to name; what nobody grants does no harm."""

    def __init__(self, database: Database, catalogue: SharedCatalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, PermissionsResolve)
        async with self._database.connection() as connection:
            standing = await rights.standing(connection, asked.tenant, asked.user, asked.client)
            catalogue = await self._catalogue.at(connection, standing.catalogue_revision)
            try:
                wanted = parse_scope(asked.scope or "", default=asked.default, catalogue=catalogue)
            except UnknownScope as error:
                return answer(Resolution(refusal="unknown_scope", named=(quotable(error.word),)))
            if standing.ceiling is None or standing.role is None:
                return answer(Resolution(refusal="nothing"))
            match resolve(wanted, standing.ceiling, standing.role, catalogue):
                case NothingLeft():
                    return answer(Resolution(refusal="nothing"))
                case Missing(permissions):
                    return answer(Resolution(refusal="missing", named=lacking(permissions, catalogue)))
                case Granted(permissions):
                    document = GrantDocument(permissions, standing.portfolio)
                    digest = await rights.keep(connection, asked.tenant, document)
                    return answer(_granted(digest, permissions, catalogue))


def _granted(digest: str, permissions: PermissionSet, catalogue: Catalogue) -> Resolution:
    lines = (
        ConsentLine(title=line.title, sentence=line.sentence, strong=line.strong, details=line.details)
        for line in describe(permissions, catalogue)
    )
    return Resolution(document=digest, scope=permissions.scopes(), lines=tuple(lines))
