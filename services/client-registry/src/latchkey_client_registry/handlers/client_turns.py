"""What an admin can do to a client that ends its connections, or lets it in again."""

from aiohttp import web

from latchkey_client_registry.changes.turning import Turning
from latchkey_client_registry.domain.turns import DELETE, DISABLE, ENABLE, Turn
from latchkey_client_registry.handlers.views import changed
from latchkey_kit.web.bodies import path_id
from latchkey_policy.names import Action
from latchkey_verify.admission import Admission


class ClientTurns:
    """Every answer is the client as it stands: 200, or 202 while the token service does not know of it."""

    def __init__(self, admission: Admission, turning: Turning) -> None:
        self._admission = admission
        self._turning = turning

    async def regenerate(self, request: web.Request) -> web.Response:
        """With the new secret, which is shown this once."""
        bearer = await self._admission.bearer(request, "update")
        client = path_id(request, "client_id")
        return changed(await self._turning.regenerate(bearer.tenant, client, self._admission.actor(bearer)))

    async def disable(self, request: web.Request) -> web.Response:
        return await self._turn(request, DISABLE, "update")

    async def enable(self, request: web.Request) -> web.Response:
        return await self._turn(request, ENABLE, "update")

    async def delete(self, request: web.Request) -> web.Response:
        return await self._turn(request, DELETE, "remove")

    async def _turn(self, request: web.Request, turn: Turn, action: Action) -> web.Response:
        bearer = await self._admission.bearer(request, action)
        client = path_id(request, "client_id")
        actor = self._admission.actor(bearer)
        return changed(await self._turning.turn(client, turn, tenant=bearer.tenant, actor=actor))
