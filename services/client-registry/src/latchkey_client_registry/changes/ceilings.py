"""The most that a client may do belongs to the permissions service."""

from latchkey_contracts.requests.permissions import CeilingGet, CeilingPut
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import FieldError, bad_request

Ceiling = dict[str, tuple[str, ...]]


class Ceilings:
    def __init__(self, permissions: Peer) -> None:
        self._permissions = permissions

    async def put(self, tenant: str, client: str, ceiling: Ceiling) -> None:
        """Set it.

        Raises:
            Problem: 400 naming a model or action that cannot be.
            PeerUnavailable: its owner does not answer.

        """
        try:
            await self._permissions.ask(CeilingPut(tenant=tenant, client=client, permissions=ceiling))
        except PeerRefused as refused:
            detail = refused.problem.detail or refused.problem.title
            raise bad_request(detail, FieldError(pointer="/permissions", message=detail)) from None

    async def get(self, tenant: str, client: str) -> Ceiling:
        return (await self._permissions.ask(CeilingGet(tenant=tenant, client=client))).permissions

    async def get_if_there(self, tenant: str, client: str) -> Ceiling | None:
        """The same after a change: that its owner is away must not hide that the change is made."""
        try:
            return await self.get(tenant, client)
        except (PeerUnavailable, PeerRefused):
            return None
