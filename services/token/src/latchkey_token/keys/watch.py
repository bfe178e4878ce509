"""Keeping up with the signing keys as the database has them, in every instance."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import asyncpg
import msgspec
import structlog

from latchkey_contracts.feed import KID, PUSH_SUBJECT, Page
from latchkey_kit.db import UNREACHABLE, Database
from latchkey_kit.sealing import Sealer, SealError
from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble
from latchkey_token.domain.key_life import KeyLife
from latchkey_token.keys.rotation import KeyRotation
from latchkey_token.keys.signing import Signer
from latchkey_token.keys.signing_keys import opened
from latchkey_token.store import keys as store

_EVERY = 1.0
"""Seconds between two looks; a key that was killed is heard of by push, too."""
log = structlog.get_logger()


class Subscriber(Protocol):
    async def subscribe(self, subject: str, callback: Callable[[bytes], Awaitable[None]]) -> None: ...


class SigningKeyWatch:
    """Gives the signer the keys as they are, and retires those that nobody needs any more."""

    def __init__(self, database: Database, sealer: Sealer, signer: Signer, rotation: KeyRotation) -> None:
        self._database = database
        self._sealer = sealer
        self._signer = signer
        self._rotation = rotation
        self._known: tuple[tuple[str, str, bool], ...] = ()
        self._looking = asyncio.Lock()
        self._wake = asyncio.Event()
        self._trouble = Trouble("signing_keys_not_read")

    async def look(self) -> None:
        """Learn of all that was committed before this call."""
        async with self._looking:
            lives = await self._lives()
            if any(life.outlived for life in lives):
                await self._rotation.retire_outlived()
                lives = await self._lives()
            known = tuple((life.kid, life.state, life.compromised) for life in lives)
            if known != self._known:
                await self._adopt()
                self._known = known

    async def heard(self, page: bytes) -> None:
        """Look at once when a push tells of a killed key."""
        with contextlib.suppress(msgspec.MsgspecError):
            if any(entry.kind == KID for entry in msgspec.json.decode(page, type=Page).entries):
                self._wake.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.look()
            except (asyncpg.PostgresError, SealError, *UNREACHABLE) as error:
                self._trouble.tell(f"{type(error).__name__}: {str(error)[:200]}")
            else:
                self._trouble.over()

    async def _lives(self) -> tuple[KeyLife, ...]:
        async with self._database.connection() as connection:
            return await store.signing_key_lives(connection)

    async def _adopt(self) -> None:
        async with self._database.connection() as connection:
            sealed = await store.signing_keys(connection)
        self._signer.adopt([opened(key, self._sealer) for key in sealed])
        log.info("signing_keys_changed", signs=self._signer.kid)


@contextlib.asynccontextmanager
async def watching(watch: SigningKeyWatch, bus: Subscriber) -> AsyncIterator[None]:
    """Keep looking for the time of the block."""
    await bus.subscribe(PUSH_SUBJECT, watch.heard)
    async with alongside(watch.run()):
        yield
