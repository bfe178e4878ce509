"""PostgreSQL: one pool a process, ids as plain strings, timeouts that fail soon."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from latchkey_kit import crash
from latchkey_kit.telemetry import metrics

if TYPE_CHECKING:  # generic in the stubs only
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.Connection | PoolConnectionProxy

_CLOSING_SECONDS = 5
_LENDING_SECONDS = 2
_ANSWER_SECONDS = 2.5  # longer than any statement may take: a server that hangs breaks off nothing by itself
_ROOM = "CREATE TEMP TABLE room ON COMMIT DROP AS SELECT repeat('x', 1000) FROM generate_series(1, 200)"
_SERVER_SETTINGS = {
    "statement_timeout": "2s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "5s",
    "timezone": "UTC",
}
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's words when a connection dies in the middle of an exchange
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What tells that the database is away for now: answered with 503, never as the caller's fault."""
PASSING = (
    *UNREACHABLE,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What will pass by itself: the database is away, slow, full of work, or chose our transaction to give way."""


def will_pass(error: BaseException) -> bool:
    """Whether to try again. A value that the driver cannot send is an ``InterfaceError`` too, and will not pass."""
    return isinstance(error, PASSING) and not isinstance(error, asyncpg.DataError)


log = structlog.get_logger()


class Database:
    """A pool, and what is to happen after a commit."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str, server_settings: dict[str, str]) -> None:
        self._pool = pool
        self._url = url
        self._server_settings = server_settings
        self._after_commit: list[Callable[[], None]] = []
        self._was_full = False

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this after every commit, for example to wake the relay."""
        self._after_commit.append(callback)

    async def problem(self) -> str | None:
        """Say why it is not ready, if it is not: a readiness check."""
        try:
            async with self.connection() as connection, connection.transaction():
                await connection.execute(_ROOM if self._was_full else "SELECT 1")
        except asyncpg.DiskFullError:
            return "PostgreSQL cannot write: its disk is full"
        except (*PASSING, asyncpg.PostgresError) as error:
            return f"PostgreSQL cannot be used: {type(error).__name__}"
        self._was_full = False
        return None

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection, for single statements."""
        async with self._lent() as connection:
            with self._watching_room():
                yield connection

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside one READ COMMITTED transaction: it commits at the end or rolls back whole."""
        async with self._lent() as connection:
            with self._watching_room():
                async with connection.transaction():
                    yield connection
            crash.point("after_commit")
            for callback in self._after_commit:
                callback()

    @contextlib.asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
        connection = await self._pool.acquire(timeout=_LENDING_SECONDS)
        try:
            yield connection
        finally:
            try:
                await self._pool.release(connection, timeout=_LENDING_SECONDS)
            except PASSING as error:  # what was done with it is done; the pool has dropped the connection
                log.warning("connection_dropped", reason=type(error).__name__)

    @contextlib.contextmanager
    def _watching_room(self) -> Iterator[None]:
        try:
            yield
        except asyncpg.DiskFullError:
            self._was_full = True
            raise

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """Open a connection outside the pool, for a session lock: it is held as long as the connection lives."""
        connection = await asyncpg.connect(
            self._url, timeout=2, command_timeout=5, server_settings=self._server_settings
        )
        try:
            await plain_ids(connection)
            yield connection
        finally:
            connection.terminate()


@contextlib.asynccontextmanager
async def connect(url: str, *, pool: int = 8, application: str = "latchkey") -> AsyncIterator[Database]:
    """Open a database for the time of the block. It connects lazily, so start order does not matter."""
    server_settings = {**_SERVER_SETTINGS, "application_name": application}
    made = await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=pool,
        timeout=2,
        command_timeout=_ANSWER_SECONDS,
        init=plain_ids,
        server_settings=server_settings,
    )
    try:
        with metrics.watching_pool(application, lambda: made.get_size() - made.get_idle_size()):
            yield Database(made, url, server_settings)
    finally:
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await made.close()
        except TimeoutError:
            made.terminate()


async def plain_ids(connection: Connection) -> None:
    """Let ``uuid`` columns be strings of 32 hexadecimal digits, the shape of every id in Latchkey."""
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=bytes.fromhex, decoder=bytes.hex, format="binary"
    )
