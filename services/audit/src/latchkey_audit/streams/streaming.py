"""Consumers for the time that the service runs, where there is a streams server."""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from latchkey_audit import keys
from latchkey_audit.settings import Settings
from latchkey_audit.streams import server
from latchkey_audit.streams.consumers import Consumers
from latchkey_audit.streams.keys import Keys
from latchkey_audit.streams.publisher import Publisher
from latchkey_audit.streams.stream import Stream
from latchkey_audit.streams.upkeep import Upkeep
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.tasks import alongside


class Streaming(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` is what customers are told to connect to."""

    consumers: Consumers
    stream: Stream
    keys: Keys
    url: str


@contextlib.asynccontextmanager
async def streaming(
    settings: Settings, database: Database, outbox: Outbox, clock: Clock
) -> AsyncIterator[Streaming | None]:
    """Publish for the time of the block; ``None`` where no streams server is set."""
    if not settings.streams_url:
        yield None
        return
    known = Keys(keys.master(settings.master_key.reveal()))
    async with (
        server.ruling(settings.streams_url, known, clock) as accounts,
        server.platform(settings.streams_url, known, clock) as bus,
    ):
        stream = Stream(bus)
        consumers = Consumers(database, outbox, stream)
        publisher = Publisher(database, stream, Upkeep(stream, accounts, known, clock), consumers.remove_departed)
        async with alongside(publisher.run()):
            yield Streaming(
                consumers=consumers,
                stream=stream,
                keys=known,
                url=settings.streams_public_url or settings.streams_url,
            )
