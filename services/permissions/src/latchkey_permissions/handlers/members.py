"""Whether users belong to the tenant, which only auth knows."""

from collections.abc import Sequence

from latchkey_contracts.requests.members import MembersGet
from latchkey_kit.requests import Peer
from latchkey_kit.web.problems import FieldError, bad_request, not_found

_NOBODY = "This workspace has no such member."


class Members:
    def __init__(self, auth: Peer) -> None:
        self._auth = auth

    async def require(self, tenant: str, user: str) -> None:
        """Refuse (404) a user who is no member."""
        if user not in await self._among(tenant, (user,)):
            raise not_found(_NOBODY)

    async def require_all(self, tenant: str, users: Sequence[str], pointer: str) -> None:
        """Refuse (400) users who are no members, each by its place in a list at ``pointer``."""
        known = await self._among(tenant, tuple(users)) if users else frozenset()
        strangers = [index for index, user in enumerate(users) if user not in known]
        if strangers:
            raise bad_request(_NOBODY, *(FieldError(pointer=f"{pointer}/{n}", message=_NOBODY) for n in strangers))

    async def _among(self, tenant: str, users: tuple[str, ...]) -> frozenset[str]:
        return frozenset((await self._auth.ask(MembersGet(tenant=tenant, users=users))).members)
