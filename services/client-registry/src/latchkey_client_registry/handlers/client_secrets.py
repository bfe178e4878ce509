"""`/v1/oauth-clients/{id}/secrets`: a second secret, and the end of one. No connection dies of it."""

from typing import Annotated

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.secrets import Secrets
from latchkey_client_registry.handlers.views import changed
from latchkey_kit.web.bodies import json_body, path_id
from latchkey_verify.admission import Admission

_LONGEST_OVERLAP = 30 * 86_400


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``overlap_seconds``: after so many the older secret ends; without it, when somebody retires it."""

    overlap_seconds: Annotated[int, msgspec.Meta(ge=1, le=_LONGEST_OVERLAP)] | None = None


class ClientSecrets:
    def __init__(self, admission: Admission, secrets: Secrets) -> None:
        self._admission = admission
        self._secrets = secrets

    async def add(self, request: web.Request) -> web.Response:
        """201 with the client and its new secret, which is shown this once. A request without a body will do."""
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _New) if request.can_read_body else _New()
        client, actor = path_id(request, "client_id"), self._admission.actor(bearer)
        return changed(await self._secrets.add(bearer.tenant, client, wanted.overlap_seconds, actor), 201)

    async def retire(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        client, secret = path_id(request, "client_id"), path_id(request, "secret_id")
        return changed(await self._secrets.retire(bearer.tenant, client, secret, self._admission.actor(bearer)))
