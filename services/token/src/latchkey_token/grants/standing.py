"""Finding the standing connection of a client, and making one when there is none that is good."""

from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.permissions import PermissionsResolve, Resolution
from latchkey_contracts.requests.standing import Seen
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.requests import Peer
from latchkey_oauth.errors import invalid_grant, invalid_scope, unauthorized_client
from latchkey_token.domain.standing_connection import Fitness, StandingConnection, fitness
from latchkey_token.store import births
from latchkey_token.store import standing as turns
from latchkey_token.store import standing_connections as store
from latchkey_token.store.standing_connections import StandingBirth
from latchkey_verify.flights import Flights
from latchkey_verify.lru import Lru

_REMEMBERED = 10_000
_HASH_SIZE = 32


class StandingConnections:
    """Memory is only an early filter: the statement that mints asks the row.

    ``known`` are the audiences that there are; a standing connection may use each.
    """

    def __init__(
        self, database: Database, permissions: Peer, clock: Clock, entropy: Entropy, *, known: tuple[str, ...]
    ) -> None:
        self._database = database
        self._permissions = permissions
        self._clock = clock
        self._entropy = entropy
        self._known = known
        self._memory: Lru[str, StandingConnection] = Lru(_REMEMBERED)
        self._narrowed: Lru[tuple[str, str], tuple[bytes, str]] = Lru(_REMEMBERED)
        self._flights: Flights[tuple[str, int], StandingConnection | None] = Flights()

    async def of(self, gate: Gate, *, again: bool = False) -> StandingConnection | None:
        """A client's standing connection, made if need be; ``None`` when its gate is to be read again.

        ``again`` when what is remembered did not mint. Every refusal is an ``OAuthError``.
        """
        standing = None if again else self._memory.get(gate.client)
        if standing is None or standing.revision != gate.revision:
            standing = await self._flights.join((gate.client, gate.revision), lambda: self._find(gate))
        return standing

    async def narrowed(self, standing: StandingConnection, words: str) -> tuple[bytes, str]:
        """The grant document and the scope for just these scope words, of those that the connection has."""
        place = (standing.id, words)
        narrowed = self._narrowed.get(place)
        if narrowed is None:
            resolution = await self._resolve(standing.tenant, standing.client, words)
            if resolution.document is None:
                raise invalid_scope("The requested scope is unknown, or leaves nothing.")
            narrowed = bytes.fromhex(resolution.document), " ".join(resolution.scope)
            async with self._database.connection() as connection:
                await store.note_scope(connection, *narrowed)
            self._narrowed.put(place, narrowed)
        return narrowed

    async def _find(self, gate: Gate) -> StandingConnection | None:
        async with self._database.connection() as connection:
            standing = await store.read(connection, gate.client)
        if _must_be_remade(standing, gate):
            resolution = await self._resolve(gate.tenant, gate.client, "inclusive")
            if resolution.document is None:
                raise unauthorized_client("This client has no permissions yet: its admin can give it some.")
            standing = await self._remake(gate, resolution)
        if standing is None or standing.revision != gate.revision:
            return None
        self._memory.put(gate.client, standing)
        return standing

    async def _remake(self, gate: Gate, resolution: Resolution) -> StandingConnection | None:
        async with self._database.transaction() as connection:
            await births.begin(connection, tenant=gate.tenant, user=gate.client, client=gate.client)
            standing = await store.read(connection, gate.client)
            if not _must_be_remade(standing, gate):
                return standing  # somebody else did it meanwhile
            if await self._is_barred(connection, gate):
                raise invalid_grant("This client may not act in its workspace now.", private="barred")
            await store.step_down(connection, gate.client)
            return await store.add(connection, self._birth(gate, resolution))

    async def _is_barred(self, connection: Connection, gate: Gate) -> bool:
        hangs_on = (
            Seen(kind="client", key=gate.client, turn=0),
            Seen(kind="tenant_client", key=gate.tenant + gate.client, turn=0),
            Seen(kind="tenant", key=gate.tenant, turn=0),
        )
        return any(one.barred for one in await turns.known(connection, hangs_on))

    def _birth(self, gate: Gate, resolution: Resolution) -> StandingBirth:
        return StandingBirth(
            id=new_id(self._clock, self._entropy),
            tenant=gate.tenant,
            client=gate.client,
            revision=gate.revision,
            document=bytes.fromhex(resolution.document or ""),
            scope=" ".join(resolution.scope),
            resources=self._known,
            unknown_hash=self._entropy.bytes(_HASH_SIZE),
        )

    async def _resolve(self, tenant: str, client: str, scope: str) -> Resolution:
        return await self._permissions.ask(
            PermissionsResolve(tenant=tenant, user=client, client=client, scope=scope, default="inclusive")
        )


def _must_be_remade(standing: StandingConnection | None, gate: Gate) -> bool:
    found = fitness(standing, gate.revision)
    if found is Fitness.CUT:
        raise invalid_grant("The connection of this client was cut by an admin.", private="cut")
    return found is Fitness.REMAKE
