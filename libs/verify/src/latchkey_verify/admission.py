"""Who may manage something: a bearer with the rights of its model, who then is the actor of what changes."""

from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web

from latchkey_policy.names import Action
from latchkey_verify.bearer import Bearer
from latchkey_verify.web import Guard


def _certain() -> None:
    pass


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, for the event: a user through a client; neither for the operator and for what ends by itself.

    ``confirm`` raises when the actor may act no more; it is called as the last step before the commit.
    """

    user: str | None = None
    client: str | None = None
    confirm: Callable[[], None] = _certain


OPERATOR: Final = Actor()


class Admission:
    """The door to the management of one model, such as ``role``; everybody manages their own tenant's only."""

    def __init__(self, guard: Guard, model: str) -> None:
        self._guard = guard
        self._model = model

    async def bearer(self, request: web.Request, action: Action) -> Bearer:
        """Give the bearer if they hold the right; raises as `Guard.bearer` and `Guard.require`."""
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, self._model, action)
        return bearer

    def actor(self, bearer: Bearer) -> Actor:
        return Actor(user=bearer.user, client=bearer.client, confirm=lambda: self._guard.confirm(bearer))
