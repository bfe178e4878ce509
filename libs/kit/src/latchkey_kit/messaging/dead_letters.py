"""Dead letters: events that could not be read or applied wait here, without blocking others, until somebody looks."""

import asyncio
import hashlib
import math
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog
from nats.aio.msg import Msg

from latchkey_kit.db import Connection, Database, will_pass
from latchkey_kit.messaging.effects import Delivery, about
from latchkey_kit.messaging.reading import MisfitError, Which, read, which
from latchkey_kit.telemetry import metrics

Unreadable = Callable[[Connection, str], Awaitable[None]]
"""Called with the subject of what is parked, in that transaction. If it raises, the event is not parked: it comes
again, until this succeeds."""
Settle = Callable[[Connection, Delivery], Awaitable[None]]
"""Lets one event take effect, once, in the transaction under way."""
PAGE = 100
_LOOK_SECONDS = 15.0
log = structlog.get_logger()


class NoSuchLetterError(LookupError):
    """There is none with this id."""


class DeadLetters:
    """Those of one consumer."""

    def __init__(self, database: Database, durable: str, settle: Settle, unreadable: Unreadable | None = None) -> None:
        self._database = database
        self._durable = durable
        self._settle = settle
        self._unreadable = unreadable

    async def park(self, message: Msg, error: Exception) -> None:
        """Put a message aside. The same one again changes nothing.

        What is no event of its subject is nobody's: its number is not noted, so whoever lacks that one asks for it.
        """
        is_misfit = isinstance(error, MisfitError)
        known = Which() if is_misfit else which(message.subject, message.data)
        async with self._database.transaction() as connection:
            if self._unreadable:
                await self._unreadable(connection, message.subject)
            await connection.execute(
                "INSERT INTO dead_letter (durable, message, subject, body, reason, source, epoch, number)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                self._durable,
                _contents(message) if is_misfit else _name(message),
                message.subject,
                message.data,
                _reason(error),
                known.source,
                known.epoch,
                known.sequence,
            )
        await self._show()

    async def page(self, after: int) -> Sequence[asyncpg.Record]:
        """Some of them, oldest first: what a ``DeadLetter`` tells."""
        async with self._database.connection() as connection:
            return await connection.fetch(
                "SELECT id, durable, message, subject, reason, parked_at FROM dead_letter"
                " WHERE durable = $1 AND id > $2 ORDER BY id LIMIT $3",
                self._durable,
                after,
                PAGE,
            )

    async def retry(self, number: int) -> str | None:
        """Apply one again and forget it; returns why it stays, if it must.

        Raises:
            NoSuchLetterError: it is not there, or somebody else has just had success with it.

        """
        try:
            await self._apply_again(number)
        except NoSuchLetterError:
            raise
        except Exception as error:  # whatever it is, it stays
            log.warning("event_failed_again", durable=self._durable, letter=number, exc_info=error)
            async with self._database.connection() as connection:
                await connection.execute(
                    "UPDATE dead_letter SET reason = $2 WHERE id = $1", number, reason := _reason(error)
                )
            return reason
        log.info("event_applied_again", durable=self._durable, letter=number)
        await self._show()
        return None

    async def _apply_again(self, number: int) -> None:
        async with self._database.transaction() as connection:
            letter = await connection.fetchrow(
                "SELECT subject, body FROM dead_letter WHERE id = $1 AND durable = $2 FOR UPDATE", number, self._durable
            )
            if letter is None:
                raise NoSuchLetterError
            event = read(letter["subject"], letter["body"])
            with about(event):
                await self._settle(connection, Delivery(event, letter["body"]))
            await connection.execute("DELETE FROM dead_letter WHERE id = $1", number)

    async def count_for_ever(self) -> None:
        """Show how many there are, though nobody touches them."""
        while True:
            await self._show()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _show(self) -> None:
        shown = metrics.inbox_parked.labels(self._durable)
        try:
            async with self._database.connection() as connection:
                query = "SELECT count(*) FROM dead_letter WHERE durable = $1"
                shown.set(await connection.fetchval(query, self._durable))
        except Exception as error:  # what is not known is not shown
            shown.set(math.nan)
            if not will_pass(error):
                log.exception("dead_letters_not_counted")


def _name(message: Msg) -> str:
    """The id that it was sent under, else its place in the stream."""
    place = f"{message.metadata.stream}:{message.metadata.sequence.stream}"
    return (message.headers or {}).get("Nats-Msg-Id", place)


def _contents(message: Msg) -> str:
    """For what is asked for again, under another id each time: it is put aside once."""
    return "sha256:" + hashlib.sha256(message.subject.encode() + b"\n" + message.data).hexdigest()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:500]
