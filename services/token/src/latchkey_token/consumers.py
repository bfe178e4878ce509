"""Events that this service acts on: facts about clients, the fallback of ``token.apply``."""

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.client import ClientCreated, ClientUpdated
from latchkey_kit.db import Connection
from latchkey_token.clients.gates import Gates

DURABLE = "token"
SUBJECTS = "lk.v1.*.client.>"
_KINDS = {ClientCreated.type: ClientCreated, ClientUpdated.type: ClientUpdated}


class ClientFacts:
    """Keeps the gates as new as the events say."""

    def __init__(self, gates: Gates) -> None:
        self._gates = gates

    async def apply(self, connection: Connection, event: CloudEvent) -> None:
        """Take in one event, in the transaction of the inbox."""
        kind = _KINDS.get(event.type)
        if kind is None:
            return
        fact = msgspec.json.decode(event.data, type=kind)
        await self._gates.catch_up(connection, fact.client, fact.revision)
