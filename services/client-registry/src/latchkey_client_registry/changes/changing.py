"""One change of one client, whatever it is: lock, change, look once more, commit, tell."""

from collections.abc import Awaitable, Callable

import msgspec

from latchkey_client_registry.domain.turns import Turn
from latchkey_client_registry.store import clients, gates, secrets
from latchkey_contracts.events import Event
from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.db import Connection, Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.telling import Telling, Told
from latchkey_kit.web.problems import not_found
from latchkey_verify.admission import Actor


class Change:
    """A change under way, in its transaction. ``stored`` is the client as it was, and nobody else changes it now."""

    def __init__(self, connection: Connection, stored: clients.Stored, outbox: Outbox, actor: Actor) -> None:
        self.connection = connection
        self.stored = stored
        self._outbox = outbox
        self._actor = actor

    @property
    def client(self) -> str:
        return self.stored.client.id

    async def tell(self, event: Event) -> None:
        """Write an event of the client's own tenant."""
        await self._outbox.add(
            self.connection,
            event,
            tenant=self.stored.client.tenant,
            user=self._actor.user,
            client=self._actor.client,
        )

    async def turn(self, turn: Turn) -> None:
        """Kill, bar or lift, unless that would change nothing."""
        if not turn.moves(self.stored.bars):
            return
        bars = turn.after(self.stored.bars)
        number = await clients.turn(self.connection, self.client, bars, reason=turn.event.type, by=self._actor.user)
        if turn.drops_secrets:
            await secrets.drop_all(self.connection, self.client)
        await self.tell(turn.event(client=self.client, turn=number, barred=bars.barred))


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """The client after a change. ``secret`` is a new one: it is shown now and never again.

    ``turned``: whether the change killed, barred or lifted.
    """

    stored: clients.Stored
    secrets: list[secrets.StoredSecret]
    told: Told
    turned: bool = False
    secret: str | None = None


class Changing:
    def __init__(self, database: Database, outbox: Outbox, telling: Telling) -> None:
        self._database = database
        self._outbox = outbox
        self._telling = telling

    async def change(
        self, client: str, do: Callable[[Change], Awaitable[str | None]], *, tenant: str | None, actor: Actor
    ) -> Changed:
        """Change a client of a tenant (``None``: of any). ``do`` may return a new secret.

        The answer needs nothing that could fail after the commit, for a secret in it cannot be shown again. The gate
        is read under the lock too: a revision never goes out with what another one changed. When nothing changed it
        is told again, in case the first time it did not arrive.

        Raises:
            Problem: 404 when there is no such client, and whatever ``do`` and the actor's confirmation raise.

        """
        async with self._database.transaction() as connection:
            stored = await clients.lock(connection, client)
            if stored is None or tenant not in {None, stored.client.tenant}:
                raise not_found()
            secret = await do(Change(connection, stored, self._outbox, actor))
            await clients.sign(connection, client, stored.client.revision, by=actor.user)
            after = await clients.reread(connection, client)
            known = await secrets.of_client(connection, client)
            gate = await gates.read(connection, client)
            actor.confirm()
        told = await self._telling.tell(TokenApply(gate=gate))
        turned = after.client.turn > stored.client.turn
        return Changed(stored=after, secrets=known, told=told, turned=turned, secret=secret)
