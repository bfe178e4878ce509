"""Being as new as somebody else: what they have seen turn, the owner is asked for, and it takes effect here first."""

from collections.abc import Sequence

from latchkey_contracts.requests.standing import Seen
from latchkey_kit.db import Connection, Database
from latchkey_token.clients.gates import Gates
from latchkey_token.kills import turning
from latchkey_token.kills.owners import Owners
from latchkey_token.store import standing


class CatchingUp:
    """Raises ``PeerUnavailable`` when an owner is silent that would have to be asked."""

    def __init__(self, database: Database, gates: Gates, owners: Owners) -> None:
        self._database = database
        self._gates = gates
        self._owners = owners

    async def with_all(self, seen: Sequence[Seen]) -> None:
        """Take in what is newer than what we know, of clients as well as of the rest."""
        async with self._database.connection() as connection:
            known = await standing.known(connection, seen)
        for one, ours in zip(seen, known, strict=True):
            if one.turn > ours.turn:
                await self._with(one)

    async def _with(self, seen: Seen) -> None:
        if seen.kind == "client":
            await self._gates.renew(seen.key)
            return
        newest = await self._owners.standing(seen)
        if newest is not None:
            async with self._database.transaction() as connection:
                await turning.take(connection, standings=[newest])


async def stale_or_barred(connection: Connection, seen: Sequence[Seen]) -> bool:
    """Whether any of these has turned since it was seen so, or forbids births. Ask under the lock of births."""
    known = await standing.known(connection, seen)
    return any(ours.turn != one.turn or ours.barred for one, ours in zip(seen, known, strict=True))
