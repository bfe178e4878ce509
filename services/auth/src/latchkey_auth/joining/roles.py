"""What auth asks the permissions service about roles, while it holds a row of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from latchkey_contracts.requests.permissions import AdminRolePut, RoleGive, RoleOffer, RoleWithin
from latchkey_kit.requests import Peer, PeerRefused
from latchkey_kit.web.problems import Document, FieldError, Problem, bad_request

_PATIENCE: Final = 3
"""Seconds for the answer: less than a transaction may take."""


class Roles:
    """Each raises ``PeerUnavailable`` or ``TimeoutError`` when permissions cannot be asked."""

    def __init__(self, permissions: Peer) -> None:
        self._permissions = permissions

    async def offer(self, tenant: str, role: str, actor: str | None) -> None:
        """Refuse a role that this inviter may not give (403), or that the tenant has not (400), beside the field."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._permissions.ask(RoleOffer(tenant=tenant, role=role, actor=actor))
        except PeerRefused as refused:
            raise _beside_role(refused.problem) from None

    async def give(self, tenant: str, user: str, role: str, actor: str | None) -> None:
        """Give a new member their role; raises the owner's no as a problem."""
        async with self._passing_on():
            await self._permissions.ask(RoleGive(tenant=tenant, user=user, role=role, actor=actor))

    async def require_within(self, tenant: str, user: str, actor: str) -> None:
        """Refuse (403) when a member may do what the actor may not."""
        async with self._passing_on():
            await self._permissions.ask(RoleWithin(tenant=tenant, user=user, actor=actor))

    async def admin(self, tenant: str) -> str:
        """Make the first role of a tenant; gives its id."""
        async with asyncio.timeout(_PATIENCE):
            return (await self._permissions.ask(AdminRolePut(tenant=tenant))).role

    @asynccontextmanager
    async def _passing_on(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(_PATIENCE):
                yield
        except PeerRefused as refused:
            said = refused.problem
            raise Problem(said.status, said.code, said.title, said.detail) from None


def _beside_role(said: Document) -> Problem:
    """The pointers of permissions are into the role; ours is to the field that names it."""
    message = said.detail or said.title
    errors = (FieldError(pointer="/role", message=message),)
    if said.status == HTTPStatus.FORBIDDEN:
        return Problem(403, said.code, said.title, said.detail, errors=errors)
    return bad_request(message, *errors)
