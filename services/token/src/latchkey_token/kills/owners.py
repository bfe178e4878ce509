"""Asking owners how something stands."""

from collections.abc import AsyncIterator, Mapping
from typing import Literal

from latchkey_contracts.requests.standing import Kind, Seen, Standing, StandingGet, StandingList, StandingPage
from latchkey_kit.requests import Peer

Owner = Literal["client-registry", "auth"]
OWNER_OF: Mapping[Kind, Owner] = {
    "client": "client-registry",
    "tenant_client": "client-registry",
    "tenant": "auth",
    "user": "auth",
    "tenant_user": "auth",
}


class Owners:
    """Raises ``PeerUnavailable`` when an owner is silent."""

    def __init__(self, registry: Peer, auth: Peer) -> None:
        self._peers: Mapping[Owner, Peer] = {"client-registry": registry, "auth": auth}

    async def standing(self, thing: Seen) -> Standing | None:
        """How it stands now; ``None`` when it never turned."""
        answer = await self._peers[OWNER_OF[thing.kind]].ask(StandingGet(kind=thing.kind, key=thing.key))
        return answer.standing

    async def everything(self, owner: Owner) -> AsyncIterator[StandingPage]:
        """All that ever turned."""
        after: str | None = None
        while True:
            page = await self._peers[owner].ask(StandingList(after=after))
            yield page
            if page.next is None:
                return
            after = page.next
