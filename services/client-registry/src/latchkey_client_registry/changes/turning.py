"""What kills every connection of a client, bars new ones, or lets them in again."""

from latchkey_client_registry.changes.changing import Change, Changed, Changing
from latchkey_client_registry.changes.minting import Minting
from latchkey_client_registry.changes.refusals import no_secret
from latchkey_client_registry.domain.turns import REGENERATE, Turn
from latchkey_client_registry.store import clients
from latchkey_verify.admission import Actor


class Turning:
    def __init__(self, changing: Changing, minting: Minting) -> None:
        self._changing = changing
        self._minting = minting

    async def turn(self, client: str, turn: Turn, *, tenant: str | None, actor: Actor) -> Changed:
        """Disable, enable, delete, compromise or lift. What stands so already stays as it is, and its turn too.

        Raises:
            Problem: 404 when there is no such client.

        """

        async def do(change: Change) -> None:
            await change.turn(turn)

        return await self._changing.change(client, do, tenant=tenant, actor=actor)

    async def regenerate(self, tenant: str, client: str, actor: Actor) -> Changed:
        """All secrets of a client are dead, and a new one is there. Of two at once, the later one's works.

        Raises:
            Problem: 404 when there is no such client; 409 when it can have no secret.

        """

        async def do(change: Change) -> str:
            require_secrets(change.stored)
            await change.turn(REGENERATE)
            return (await self._minting.into(change.connection, client)).secret

        return await self._changing.change(client, do, tenant=tenant, actor=actor)


def require_secrets(stored: clients.Stored) -> None:
    """Raise a 409 for a client that can be given no secret."""
    if stored.client.client_type == "public":
        raise no_secret("A public client has no secret.")
    if stored.bars.compromised:
        raise no_secret("Its secret was declared stolen. Make a new one when that has been lifted.")
