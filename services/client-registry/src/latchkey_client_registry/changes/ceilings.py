"""The most that a client may do belongs to the permissions service."""

import asyncio
from http import HTTPStatus
from typing import Final

from latchkey_contracts.requests.permissions import CeilingAnswer, CeilingGet, CeilingPut, PlainPermissions
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Document, FieldError, Problem, bad_request, not_found
from latchkey_verify.admission import Actor

_PATIENCE: Final = 3
"""Seconds for an answer while a client's row is locked: less than a transaction may take."""


class Ceilings:
    def __init__(self, permissions: Peer) -> None:
        self._permissions = permissions

    async def put(self, tenant: str, client: str, ceiling: PlainPermissions, actor: Actor) -> None:
        """Set it. The actor's own role bounds it, and nothing bounds the operator.

        Raises:
            Problem: 400 naming a model, action or field that cannot be, 403 naming what is beyond that person.
            PeerUnavailable: its owner does not answer.

        """
        await self._put(
            CeilingPut(tenant=tenant, client=client, permissions=ceiling, actor=actor.user, through=actor.client)
        )

    async def switch(self, tenant: str, client: str, *, dynamic: bool) -> None:
        """Let users pick from their whole role, or hold them to the ceiling again, which stays as it is.

        Whoever calls holds the client's row, so that nobody sets the ceiling between the look and the word.
        """
        async with asyncio.timeout(_PATIENCE):
            ceiling = await self.get(tenant, client)
            await self._put(CeilingPut(tenant=tenant, client=client, permissions=ceiling.permissions, dynamic=dynamic))

    async def get(self, tenant: str, client: str) -> CeilingAnswer:
        return await self._permissions.ask(CeilingGet(tenant=tenant, client=client))

    async def get_if_there(self, tenant: str, client: str) -> PlainPermissions | None:
        """The permissions after a change: that their owner is away must not hide that the change is made."""
        try:
            return (await self.get(tenant, client)).permissions
        except (PeerUnavailable, PeerRefused):
            return None

    async def _put(self, question: CeilingPut) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._permissions.ask(question)
        except PeerRefused as refused:
            raise _as_ours(refused.problem) from None


def _as_ours(problem: Document) -> Problem:
    """Pass the owner's no on. Its pointers are ours too: both bodies have a member ``permissions``."""
    if problem.status == HTTPStatus.NOT_FOUND:
        return not_found()
    detail = problem.detail or problem.title
    named = problem.errors or (FieldError(pointer="/permissions", message=detail),)
    if problem.status == HTTPStatus.FORBIDDEN:
        return Problem(403, problem.code, problem.title, problem.detail, errors=named)
    return bad_request(detail, *named)
