"""What we know of clients: memory before the row, the row before the owner."""

from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.clients import Gate, GateGet
from latchkey_kit.db import Connection, Database
from latchkey_kit.requests import Peer
from latchkey_token.store import gate as store

_REMEMBERED = 10_000


class Gates:
    """Memory is only an early filter: every minting statement asks the row for the revision it was given here."""

    def __init__(self, database: Database, registry: Peer) -> None:
        self._database = database
        self._registry = registry
        self._memory: dict[str, Gate] = {}

    async def find(self, client: str) -> Gate | None:
        """A client's gate, from wherever it is; ``None`` only by the word of the registry."""
        if not is_id(client):
            return None
        return self._memory.get(client) or await self.reread(client) or await self._ask(client)

    async def reread(self, client: str) -> Gate | None:
        """A client's gate as the row has it now."""
        async with self._database.connection() as connection:
            gate = await store.read(connection, client)
        return self._remember(gate) if gate else None

    async def at_least(self, client: str, *, revision: int, turn: int) -> Gate | None:
        """A client's gate, asked of the registry when ours is older than what somebody else has seen."""
        gate = await self.reread(client)
        if gate is None or gate.revision < revision or gate.turn < turn:
            gate = await self._ask(client)
        return gate

    async def put(self, connection: Connection, gate: Gate) -> None:
        """Write a newer gate, in the caller's transaction."""
        await store.put(connection, gate)
        self._memory.pop(gate.client, None)

    async def catch_up(self, connection: Connection, client: str, revision: int) -> None:
        """Hear that a client is at this revision: ask the registry when we are not, in the caller's transaction."""
        ours = await store.read(connection, client)
        if ours is not None and ours.revision >= revision:
            return
        answer = await self._registry.ask(GateGet(client=client))
        if answer.gate is not None:
            await self.put(connection, answer.gate)

    async def _ask(self, client: str) -> Gate | None:
        answer = await self._registry.ask(GateGet(client=client))
        if answer.gate is None:
            return None
        async with self._database.transaction() as connection:
            await store.put(connection, answer.gate)
        return await self.reread(client)

    def _remember(self, gate: Gate) -> Gate:
        if len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[gate.client] = gate
        return gate
