"""Making consumers, letting them begin again, removing them: in the database here, on the server by the leader."""

import asyncio
import datetime as dt
from typing import Final

from latchkey_audit.store import consumers
from latchkey_audit.store.consumers import Consumer
from latchkey_audit.streams.stream import Stream
from latchkey_contracts.events.audit import AuditConsumerCreated, AuditConsumerRemoved, AuditConsumerReplayed
from latchkey_contracts.events.auth import TenantOffBoarded
from latchkey_kit.db import Database
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.problems import Problem, not_found, unavailable
from latchkey_verify.admission import OPERATOR, Actor

_PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_DEPARTED: Final = TenantOffBoarded.type.replace(".", "_")


class Consumers:
    """What is decided here stands when the method returns, and is carried out as soon as the streams server answers."""

    def __init__(self, database: Database, outbox: Outbox, stream: Stream) -> None:
        self._database = database
        self._outbox = outbox
        self._stream = stream

    async def create(self, consumer: str, tenant: str, name: str, since: dt.datetime | None, actor: Actor) -> Consumer:
        """Make one that gets what is recorded at ``since`` or later; without it, from now on.

        Raises:
            Problem: 503 while the streams server is away, 409 when the tenant has as many as it may.

        """
        try:
            await self._stream.ensure()
        except AWAY as error:
            raise unavailable(2, private=f"streams: {type(error).__name__}") from None
        async with self._database.transaction() as connection:
            made = await consumers.insert(connection, consumer, tenant, name, by=actor.user, since=since)
            if made is None:
                raise Problem(409, "too_many_consumers", f"A tenant has {consumers.MOST} consumers at most.")
            event = AuditConsumerCreated(consumer=consumer, name=name, since=since)
            await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
            actor.confirm()
        await self.carried_out(consumer)
        return await self.get(tenant, consumer)

    async def get(self, tenant: str, consumer: str) -> Consumer:
        """Raises Problem (404) for one that the tenant has not."""
        async with self._database.connection() as connection:
            found = await consumers.get(connection, tenant, consumer)
        if found is None:
            raise not_found()
        return found

    async def replay(self, tenant: str, consumer: str, since: dt.datetime, actor: Actor) -> Consumer:
        """Let it begin again at ``since``; its credentials stay. Raises as `get`."""
        async with self._database.transaction() as connection:
            replayed = await consumers.replay(connection, tenant, consumer, since)
            if replayed is None:
                raise not_found()
            event = AuditConsumerReplayed(consumer=consumer, name=replayed.name, since=since)
            await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
            actor.confirm()
        await self.carried_out(consumer)
        return await self.get(tenant, consumer)

    async def remove(self, tenant: str, consumer: str, actor: Actor) -> bool:
        """Void its credentials and cut it; returns whether that is carried out already. Raises as `get`."""
        if not await self._remove(tenant, consumer, actor, reason="removed"):
            raise not_found()
        return await self.carried_out(consumer)

    async def remove_departed(self) -> None:
        """Remove the consumers of tenants that were off-boarded since they were made."""
        async with self._database.connection() as connection:
            departed = await consumers.departed(connection)
        for tenant, consumer in departed:
            await self._remove(tenant, consumer, OPERATOR, reason=_DEPARTED)

    async def _remove(self, tenant: str, consumer: str, actor: Actor, *, reason: str) -> bool:
        async with self._database.transaction() as connection:
            name = await consumers.remove(connection, tenant, consumer)
            if name is not None:
                event = AuditConsumerRemoved(consumer=consumer, name=name, reason=reason)
                await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
                actor.confirm()
        return name is not None

    async def carried_out(self, consumer: str) -> bool:
        """Wait a moment for the leader; returns whether the streams server is as was decided."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE_SECONDS
        while loop.time() < end:
            async with self._database.connection() as connection:
                if await consumers.settled(connection, consumer):
                    return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False
