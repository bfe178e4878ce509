"""NATS: one connection a process, which comes and goes by itself and never keeps the service from starting."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError, Error
from nats.js import JetStreamContext

from latchkey_kit.tasks import alongside
from latchkey_kit.telemetry.trouble import Trouble

Callback = Callable[[bytes], Awaitable[None] | None]
STREAM = "LATCHKEY"
"""The stream of every event; the deployment makes it, services only use it."""
AWAY = (Error, OSError, TimeoutError)
"""What a call of NATS raises while the server is away, restarting or refusing."""
_PENDING_BYTES = 8 * 1024 * 1024
_PAUSE_SECONDS = 0.25
_MANNERS: dict[str, Any] = {
    "allow_reconnect": True,
    "max_reconnect_attempts": -1,
    "connect_timeout": 2,
    "reconnect_time_wait": _PAUSE_SECONDS,
    "ping_interval": 1,  # a cut link shows within three seconds, not minutes
    "max_outstanding_pings": 2,
    "pending_size": 0,  # while away a publish fails at once: the outbox waits, not a buffer
}
_ANSWER_SECONDS = 2.0
log = structlog.get_logger()


class Bus:
    """The connection. That it is ``connected`` is a guess: freshness is proven by what arrives, never by that."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Of the service that is connected."""
        self._client: Client | None = None
        self._wishes: list[tuple[str, Callback]] = []
        self._trouble = Trouble("nats_trouble")
        self.up = asyncio.Event()
        """Set while connected."""

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client:
        """For the inbox. Raises one of ``AWAY`` before the first connection."""
        if self._client is None:
            raise ConnectionClosedError
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """For the relay and the inbox. Raises as ``client``."""
        return self.client.jetstream(timeout=_ANSWER_SECONDS)

    async def publish(self, subject: str, body: bytes) -> None:
        """Send once, best effort: while NATS is away it is lost."""
        if self._client is not None:
            with contextlib.suppress(*AWAY):
                await self._client.publish(subject, body)

    async def subscribe(self, subject: str, callback: Callback) -> None:
        """Hear a subject from now on, through every reconnect; before the first connection it is noted for then."""
        self._wishes.append((subject, callback))
        if self._client is not None:
            with contextlib.suppress(*AWAY):
                await _hear(self._client, subject, callback)

    async def stay(self, **options: Any) -> None:
        """Connect, and connect again with a new client should NATS close this one for good."""
        while True:
            client, closed = Client(), asyncio.Event()
            try:
                await self._connect(client, closed, options)
                await closed.wait()
                log.error("nats_connection_closed")
            except AWAY as error:
                await self._on_error(error)
            finally:
                self.up.clear()
                with contextlib.suppress(*AWAY):
                    await client.close()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _connect(self, client: Client, closed: asyncio.Event, options: dict[str, Any]) -> None:
        async def on_closed() -> None:
            closed.set()

        await client.connect(
            **options,
            **_MANNERS,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_connected,
            closed_cb=on_closed,
        )
        self._client = client
        for subject, callback in list(self._wishes):
            await _hear(client, subject, callback)
        await self._on_connected()

    async def _on_connected(self) -> None:
        self._trouble.over()
        self.up.set()
        log.info("nats_connected")

    async def _on_disconnected(self) -> None:
        if self.up.is_set():
            log.warning("nats_disconnected")
        self.up.clear()

    async def _on_error(self, error: Exception) -> None:
        """Tell each failure once. To whoever published, a missing permission looks like a timeout: tell it loud."""
        text = str(error) or type(error).__name__
        if "permissions violation" in text.lower():
            log.error("nats_permission_missing", reason=text)
        else:
            self._trouble.tell(text)


async def _hear(client: Client, subject: str, callback: Callback) -> None:
    async def heard(message: Msg) -> None:
        try:
            result = callback(message.data)
            if inspect.isawaitable(result):
                await result
        except Exception:  # one bad message must not end the subscription
            log.exception("subscriber_failed", subject=subject)

    await client.subscribe(subject, cb=heard, pending_bytes_limit=_PENDING_BYTES)


@contextlib.asynccontextmanager
async def connecting(url: str, user: str, password: str, service: str) -> AsyncIterator[Bus]:
    """Connect in the background, for the time of the block.

    Replies come to ``_INBOX_<service>.>``, so that no service can read another's.
    """
    bus = Bus(service)
    options: dict[str, Any] = {"servers": [url], "name": service, "inbox_prefix": f"_INBOX_{service}"}
    if user:
        options |= {"user": user, "password": password}
    async with alongside(bus.stay(**options)):
        yield bus
