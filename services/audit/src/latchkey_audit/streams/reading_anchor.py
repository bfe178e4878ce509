"""What the stream of checkpoints holds, as the lines that ``latchkey audit verify --checkpoints`` takes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from latchkey_audit.keys import master
from latchkey_audit.settings import StreamOfCheckpoints
from latchkey_audit.streams import anchor, server
from latchkey_audit.streams.keys import Keys
from latchkey_kit.clock import Clock
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.service import PrintError

_CONNECT_SECONDS = 2


def printed(settings: StreamOfCheckpoints, clock: Clock) -> Iterator[str]:
    """Give them a page at a time, for there may be millions.

    Raises:
        SealError: the master key is malformed.
        PrintError: there is no such stream, or its server does not answer.

    """
    if not settings.streams_url:
        raise PrintError("STREAMS_URL is not set: without a streams server checkpoints lie in no stream")
    keys = Keys(master(settings.master_key.reveal()))
    with asyncio.Runner() as runner:
        pages = _pages(settings.streams_url, keys, clock)
        try:
            while page := runner.run(_next(pages)):
                yield "".join(f"{line.decode()}\n" for line in page)
        except NotFoundError:
            raise PrintError("the streams server has no stream of checkpoints: audit makes it when it runs") from None
        except AWAY as error:
            raise PrintError(f"the streams server does not answer: {type(error).__name__} {error}".rstrip()) from None
        finally:
            runner.run(pages.aclose())


async def _next(pages: AsyncGenerator[list[bytes], None]) -> list[bytes] | None:
    return await anext(pages, None)


async def _pages(url: str, keys: Keys, clock: Clock) -> AsyncGenerator[list[bytes], None]:
    client = Client()
    try:
        await client.connect(
            **server.platform_options(url, keys, clock),
            connect_timeout=_CONNECT_SECONDS,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=_told,
        )
        async for page in anchor.pages(client):
            yield page
    finally:
        with contextlib.suppress(*AWAY):
            await client.close()


async def _told(_: Exception) -> None:
    """Say nothing here: whoever waits for an answer is told."""
