"""Who may manage roles, teams and lists: a bearer with the rights of the model ``role``, in its own tenant only."""

from aiohttp import web

from latchkey_permissions.changes.actor import Actor
from latchkey_policy.names import Action
from latchkey_verify.bearer import Bearer
from latchkey_verify.web import Guard

_MODEL = "role"


class Admission:
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def bearer(self, request: web.Request, action: Action) -> Bearer:
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, _MODEL, action)
        return bearer

    def actor(self, bearer: Bearer) -> Actor:
        return Actor(user=bearer.user, client=bearer.client, confirm=lambda: self._guard.confirm(bearer))
