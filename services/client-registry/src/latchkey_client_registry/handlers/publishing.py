"""`/v1/oauth-clients/{id}/publish`: a maker asks that other tenants may use its client, or takes that back."""

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.publishing import PublishChanges
from latchkey_client_registry.domain.texts import one_line_end
from latchkey_client_registry.handlers.views import changed
from latchkey_kit.web.bodies import json_body, path_id
from latchkey_verify.admission import Admission


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``note``: what staff should know."""

    note: str = ""


class Publishing:
    """Every answer is the client as it stands, as in `ClientTurns`."""

    def __init__(self, admission: Admission, changes: PublishChanges) -> None:
        self._admission = admission
        self._changes = changes

    async def request(self, request: web.Request) -> web.Response:
        """A request without a body will do. One that waits already goes on waiting, with the note that it had."""
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _Request) if request.can_read_body else _Request()
        client, actor = path_id(request, "client_id"), self._admission.actor(bearer)
        return changed(await self._changes.request(bearer.tenant, client, one_line_end(wanted.note), actor))

    async def withdraw(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        return changed(await self._changes.withdraw(bearer.tenant, client, self._admission.actor(bearer)))
