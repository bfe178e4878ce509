"""Whether a member may leave: somebody must be able to manage the tenant, which permissions know."""

import asyncio
from typing import Final

from latchkey_contracts.requests.permissions import LeavingAsk
from latchkey_kit.requests import Peer
from latchkey_kit.web.problems import Problem

_PATIENCE: Final = 3
"""Seconds for the answer, within a transaction: less than one may take."""


class Leaving:
    def __init__(self, permissions: Peer) -> None:
        self._permissions = permissions

    async def require(self, tenant: str, user: str) -> None:
        """Ask for leave. Who was given it does not count as staying from then on.

        Raises:
            Problem: 409 for the last one who can manage.
            PeerUnavailable, TimeoutError: nobody can tell.

        """
        async with asyncio.timeout(_PATIENCE):
            said = await self._permissions.ask(LeavingAsk(tenant=tenant, user=user))
        if not said.allowed:
            raise Problem(
                409,
                "last_admin",
                "Somebody must be able to manage this workspace.",
                "This is the last member whose role has the Settings flag. Give somebody else such a role first.",
            )
