"""Members who leave: whether they may, for somebody must be able to manage the tenant, and the end of their role."""

import asyncio
from typing import Final

import structlog

from latchkey_contracts.requests.permissions import LeavingAsk, RoleUnassign
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Problem
from latchkey_verify.admission import Actor

_PATIENCE: Final = 3
"""Seconds for the answer, within a transaction: less than one may take."""
log = structlog.get_logger()


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

    async def end_role(self, tenant: str, user: str, actor: Actor) -> None:
        """Let nothing be left of the role of a former member, before they become one again.

        Raises:
            PeerUnavailable, TimeoutError: nobody can tell.

        """
        async with asyncio.timeout(_PATIENCE):
            await self._permissions.ask(RoleUnassign(tenant=tenant, user=user, actor=actor.user, through=actor.client))

    async def left(self, tenant: str, user: str, actor: Actor) -> None:
        """Tell that somebody has left. If that fails, their role is idle, and ends when they are added again."""
        try:
            await self.end_role(tenant, user, actor)
        except (PeerUnavailable, PeerRefused, TimeoutError) as error:
            log.warning("role_not_ended", tenant=tenant, user=user, reason=str(error) or "no answer in time")
