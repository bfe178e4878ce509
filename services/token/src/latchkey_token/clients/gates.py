"""What we know of clients: memory before the row, the row before the owner."""

import asyncio

from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.clients import Gate, GateGet
from latchkey_kit.db import Database
from latchkey_kit.requests import Peer
from latchkey_token.kills import turning
from latchkey_token.store import gate as store

_REMEMBERED = 10_000
_MEMORY_SECONDS = 1.0


class Gates:
    """Memory is only an early filter: every minting statement asks the row for the revision it was given here."""

    def __init__(self, database: Database, registry: Peer) -> None:
        self._database = database
        self._registry = registry
        self._memory: dict[str, Gate] = {}

    async def find(self, client: str) -> Gate | None:
        """A client's gate, from wherever it is; ``None`` only by the word of the registry."""
        return self._memory.get(client) or await self.current(client)

    async def current(self, client: str) -> Gate | None:
        """A client's gate as the row has it, or as the registry has it when ours is unknown or outdated."""
        if not is_id(client):
            return None
        return await self.reread(client) or await self.renew(client)

    async def reread(self, client: str) -> Gate | None:
        """A client's gate as the row has it now."""
        async with self._database.connection() as connection:
            gate = await store.read(connection, client)
        return self._remember(gate) if gate else None

    async def at_least(self, client: str, *, revision: int, turn: int) -> Gate | None:
        """A client's gate, asked of the registry when ours is older than what somebody else has seen."""
        gate = await self.reread(client)
        if gate is None or gate.revision < revision or gate.turn < turn:
            gate = await self.renew(client)
        return gate

    def forget(self, client: str) -> None:
        """Ask the row again, the next time."""
        self._memory.pop(client, None)

    async def forget_for_ever(self) -> None:
        """Let no memory be older than a second: who only asks, and mints nothing, meets no statement that knows."""
        while True:
            await asyncio.sleep(_MEMORY_SECONDS)
            self._memory.clear()

    async def newest(self, client: str) -> Gate | None:
        """What the registry says of a client now; nothing is written."""
        return (await self._registry.ask(GateGet(client=client))).gate

    async def renew(self, client: str) -> Gate | None:
        """Take in what the registry says now; returns the row as it is then."""
        gate = await self.newest(client)
        if gate is None:
            return None
        async with self._database.transaction() as connection:
            await turning.take(connection, told=[gate])
        return await self.reread(client)

    def _remember(self, gate: Gate) -> Gate:
        if len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[gate.client] = gate
        return gate
