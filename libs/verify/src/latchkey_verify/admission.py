"""Who may manage something: whoever has the right of its model, who then is the actor of what changes."""

from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web

from latchkey_policy.names import Action
from latchkey_verify.management import Management, Manager


def _certain() -> None:
    pass


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, for the event: a user, with a client unless they are at the console; neither for the operator.

    ``confirm`` raises when the actor may act no more; it is called as the last step before the commit.
    """

    user: str | None = None
    client: str | None = None
    confirm: Callable[[], None] = _certain


OPERATOR: Final = Actor()


class Admission:
    """The door to the management of one model, such as ``role``; everybody manages their own tenant's only."""

    def __init__(self, management: Management, model: str) -> None:
        self._management = management
        self._model = model

    async def bearer(self, request: web.Request, action: Action) -> Manager:
        """Give who asks if they hold the right; raises as `Management.manager` and `Management.require`."""
        manager = await self._management.manager(request)
        await self._management.require(manager, self._model, action)
        return manager

    def actor(self, manager: Manager) -> Actor:
        return Actor(user=manager.user, client=manager.client, confirm=lambda: self._management.confirm(manager))
