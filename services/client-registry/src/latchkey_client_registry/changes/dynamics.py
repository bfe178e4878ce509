"""The staff's switch: a dynamic client has no ceiling, and its users pick from their own roles."""

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.store import clients
from latchkey_contracts.changes import differences
from latchkey_contracts.events.client import ClientUpdated
from latchkey_kit.web.problems import Problem
from latchkey_verify.admission import Actor


class Dynamics:
    def __init__(self, changing: Changing, ceilings: Ceilings) -> None:
        self._changing = changing
        self._ceilings = ceilings

    async def switch(self, client: str, *, dynamic: bool, actor: Actor) -> Changed:
        """Switch it on or off. What stands so already is told to permissions once more, and is no change.

        Raises:
            Problem: 404 when there is no such client; 409 for one that has tokens of its own, which nobody picks for.

        """

        async def do(change: Change) -> None:
            if dynamic and change.stored.terms.client_credentials:
                raise Problem(
                    409,
                    "has_own_tokens",
                    "This client has tokens of its own.",
                    "Nobody would pick what it may do with those. Take client_credentials from it first.",
                )
            await self._ceilings.switch(change.stored.client.tenant, client, dynamic=dynamic)
            if dynamic is not change.stored.client.dynamic:
                revision = await clients.switch_dynamic(change.connection, client, dynamic=dynamic)
                changed = differences({"dynamic": not dynamic}, {"dynamic": dynamic})
                await change.tell(
                    ClientUpdated(client=client, changed=("dynamic",), revision=revision, changes=changed)
                )

        return await self._changing.change(client, do, tenant=None, actor=actor)
