"""A tenant lets an app in no more, its own or one that others published, and lets it in again."""

import msgspec

from latchkey_client_registry.domain.usable import may_be_used
from latchkey_client_registry.store import clients, tenant_clients
from latchkey_client_registry.store.tenant_clients import TenantClient
from latchkey_contracts.events.client import ClientBlocked, ClientUnblocked
from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telling import Telling, Told
from latchkey_kit.web.problems import not_found
from latchkey_verify.admission import Actor


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a client is blocked in the tenant after this."""

    blocked: bool
    told: Told = Told()


class Blocking:
    def __init__(self, database: Database, outbox: Outbox, telling: Telling) -> None:
        self._database = database
        self._outbox = outbox
        self._telling = telling

    async def block(self, tenant: str, client: str, actor: Actor) -> Blocked:
        """Kill the client's connections in the tenant, and let none be born there.

        Raises:
            Problem: 404 for a client that the tenant may not use.

        """
        async with self._database.transaction() as connection:
            await _require_known(connection, tenant, client)
            turned = await tenant_clients.block(connection, tenant, client, reason=ClientBlocked.type, by=actor.user)
            now = await self._written(connection, tenant, client, ClientBlocked if turned else None, actor)
        return await self._told(now)

    async def unblock(self, tenant: str, client: str, actor: Actor) -> Blocked:
        """Let the client in again; what was dead stays dead. Raises as `block`."""
        async with self._database.transaction() as connection:
            await _require_known(connection, tenant, client)
            turned = await tenant_clients.unblock(
                connection, tenant, client, reason=ClientUnblocked.type, by=actor.user
            )
            now = await self._written(connection, tenant, client, ClientUnblocked if turned else None, actor)
        return await self._told(now)

    async def _written(
        self,
        connection: Connection,
        tenant: str,
        client: str,
        kind: type[ClientBlocked | ClientUnblocked] | None,
        actor: Actor,
    ) -> TenantClient | None:
        """Write the event, if there is one, and give the state as it is now."""
        now = (await tenant_clients.among(connection, client, [tenant])).get(tenant)
        if now is not None and kind is not None:
            event = kind(client=client, tenant=tenant, turn=now.turn, barred=now.barred)
            await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
        actor.confirm()
        return now

    async def _told(self, now: TenantClient | None) -> Blocked:
        """Tell the token service; what never turned is nothing to tell of."""
        if now is None:
            return Blocked(blocked=False)
        told = await self._telling.tell(TokenApply(standings=(now.standing,)))
        return Blocked(blocked=now.barred, told=told)


async def _require_known(connection: Connection, tenant: str, client: str) -> None:
    """A client that was published once stays known to everybody: connections from that time may live on."""
    stored = await clients.get(connection, client)
    if stored is None:
        raise not_found()
    if not may_be_used(tenant, maker=stored.client.tenant, published=stored.ever_published):
        raise not_found()
