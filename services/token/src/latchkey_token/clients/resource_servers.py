"""Who the resource servers of others are: a copy of the rows, never older than a second."""

import hmac
from collections.abc import Iterable, Mapping

from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_oauth.token_string import secret_hash
from latchkey_token.store import resource_servers as store
from latchkey_token.store.resource_servers import StoredResourceServer
from latchkey_verify.flights import Flights

_FRESH = 1.0
"""Seconds. One reading serves all who ask meanwhile, whatever names they bring."""


class ResourceServers:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: Mapping[str, StoredResourceServer] = {}
        self._read_at = -_FRESH
        self._flights: Flights[None, None] = Flights()

    async def audience_of(self, name: str, secrets: Iterable[str]) -> str | None:
        """The audience of the server that has this name and one of these secrets; ``None`` when none has."""
        server = (await self._everyone()).get(name)
        if server is None:
            return None
        matches = [hmac.compare_digest(secret_hash(secret), server.secret_hash) for secret in secrets]
        return server.audience if any(matches) else None

    async def is_one(self, name: str, digest: str) -> bool:
        """Whether a server has this name, and a secret of this SHA-256 (hexadecimal)."""
        server = (await self._everyone()).get(name)
        return server is not None and hmac.compare_digest(digest, server.secret_hash.hex())

    async def _everyone(self) -> Mapping[str, StoredResourceServer]:
        if self._clock.boot() - self._read_at >= _FRESH:
            await self._flights.join(None, self._read)
        return self._known

    async def _read(self) -> None:
        started = self._clock.boot()
        async with self._database.connection() as connection:
            self._known = {one.name: one for one in await store.everyone(connection)}
        self._read_at = started
