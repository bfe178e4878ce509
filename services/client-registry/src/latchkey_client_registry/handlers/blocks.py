"""`/v1/oauth-clients/{id}/block`: an admin's own tenant lets an app in no more, or again."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_client_registry.changes.blocking import Blocked, Blocking
from latchkey_kit.web.bodies import answer, path_id
from latchkey_verify.admission import Admission


class BlockView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``effective_at`` and ``pending`` as in `ClientView`."""

    client_id: str
    blocked: bool
    effective_at: dt.datetime | None = None
    pending: bool = False


class Blocks:
    def __init__(self, admission: Admission, blocking: Blocking) -> None:
        self._admission = admission
        self._blocking = blocking

    async def block(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        return _shown(client, await self._blocking.block(bearer.tenant, client, self._admission.actor(bearer)))

    async def unblock(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        return _shown(client, await self._blocking.unblock(bearer.tenant, client, self._admission.actor(bearer)))


def _shown(client: str, after: Blocked) -> web.Response:
    told = after.told
    shown = BlockView(client_id=client, blocked=after.blocked, effective_at=told.effective_at, pending=told.pending)
    return answer(shown, 202 if told.pending else 200)
