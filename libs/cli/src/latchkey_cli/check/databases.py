"""Where the databases are, and reading them without ever writing."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import asyncpg
import msgspec

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import environment
from latchkey_kit.db import Connection, plain_ids
from latchkey_kit.settings import Secret, SettingsError, load

NAMES: Final = ("auth", "token", "client-registry", "permissions", "records", "audit")
SOURCES: Final = NAMES
"""Services with an outbox that somebody reads: all of them; audit reads its own, too."""
BATCH: Final = 1000
_REACHING_SECONDS = 10
_READING = {
    "default_transaction_read_only": "on",
    "statement_timeout": "15min",
    "lock_timeout": "10s",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "timezone": "UTC",
    "application_name": "latchkey-check",
}
_ItemT = TypeVar("_ItemT")


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    auth_database_url: Secret = Secret("")
    token_database_url: Secret = Secret("")
    client_registry_database_url: Secret = Secret("")
    permissions_database_url: Secret = Secret("")
    records_database_url: Secret = Secret("")
    audit_database_url: Secret = Secret("")


def addresses(given: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Addresses by service: ``given``, else from the environment, else as the one-machine stack wrote them down.

    Raises:
        CommandError: there is none at all.

    """
    try:
        known = load(_Known, environment(environ))
    except CommandError:
        if not given:
            raise
        known = _Known()
    except SettingsError as error:
        raise CommandError("; ".join(error.problems)) from None
    told = {name: getattr(known, name.replace("-", "_") + "_database_url").reveal() for name in NAMES}
    found = {name: url for name, url in {**told, **given}.items() if url}
    if not found:
        raise CommandError("no database to read: set TOKEN_DATABASE_URL and so on, or give --database NAME=URL")
    return found


class Databases:
    """Opens connections on which nothing can be written."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def __contains__(self, name: str) -> bool:
        return name in self._known

    @contextlib.asynccontextmanager
    async def now(self, name: str) -> AsyncIterator[Connection]:
        """Connect; each statement sees what is committed when it begins.

        Raises:
            CommandError: nobody is there.

        """
        try:
            connection = await asyncpg.connect(
                self._known[name], timeout=_REACHING_SECONDS, command_timeout=None, server_settings=_READING
            )
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CommandError(f"the database of {name} cannot be read: {type(error).__name__}") from None
        try:
            await plain_ids(connection)
            yield connection
        finally:
            connection.terminate()

    @contextlib.asynccontextmanager
    async def snapshot(self, name: str) -> AsyncIterator[Connection]:
        """Connect; every statement sees what was committed when this was entered, and nothing later."""
        async with self.now(name) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SELECT 1")
            yield connection


async def batches(connection: Connection, statement: str, *values: Any) -> AsyncIterator[list[asyncpg.Record]]:
    """The rows of a statement, some at a time: a table may be larger than our memory. Inside a transaction only."""
    cursor = await connection.cursor(statement, *values)
    while rows := await cursor.fetch(BATCH):
        yield rows


def parts(items: Sequence[_ItemT]) -> Iterator[Sequence[_ItemT]]:
    """Cut into batches."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
