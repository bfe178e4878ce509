"""Opening what a service stands on, as its settings say. ``name`` is the service's own, as all others know it."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import aiohttp

from latchkey_kit import db
from latchkey_kit.db import Database
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox


class Peers:
    """The other services, over one pool of connections and with our own credential."""

    def __init__(self, session: aiohttp.ClientSession, name: str, secret: str) -> None:
        self._session = session
        self._name = name
        self._secret = secret

    def at(self, url: str) -> Peer:
        """The peer at an address, or at several: as `Peer` takes them."""
        return Peer(self._session, url, self._name, self._secret)


def database(settings: WithDatabase, name: str, *, pool: int | None = None) -> AbstractAsyncContextManager[Database]:
    """The service's database, for the time of the block. ``pool`` in the place of the setting, for a job of its own."""
    return db.connect(
        settings.database_url.reveal(), pool=settings.database_pool if pool is None else pool, application=name
    )


def nats(settings: WithEvents, name: str) -> AbstractAsyncContextManager[Bus]:
    """The service's connection to NATS, for the time of the block."""
    return bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), name)


def relay(settings: WithOutbox, database: Database, nats: Bus) -> AbstractAsyncContextManager[None]:
    """The relay of the service's outbox, for the time of the block."""
    consumers = tuple(name.strip() for name in settings.outbox_consumers.split(",") if name.strip())
    return relaying(database, nats, consumers=consumers, kept=settings.outbox_kept)


@contextlib.asynccontextmanager
async def peers(settings: Common, name: str) -> AsyncIterator[Peers]:
    """The ways to other services, for the time of the block."""
    async with aiohttp.ClientSession() as session:
        yield Peers(session, name, settings.internal_secret.reveal())
