"""What becomes of a message: acknowledged, asked for again, or parked."""

from collections.abc import Sequence

import msgspec
import structlog
from nats.aio.msg import Msg

from latchkey_kit import crash
from latchkey_kit.db import will_pass
from latchkey_kit.messaging.dead_letters import DeadLetters
from latchkey_kit.messaging.reading import MisfitError
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.telemetry import metrics
from latchkey_kit.telemetry.trouble import Trouble

TRIES = 5
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MisfitError)
log = structlog.get_logger()


class Settling:
    """The rules of one consumer, for those that read it one by one and those that take all that came."""

    def __init__(self, durable: str, letters: DeadLetters, trouble: Trouble) -> None:
        self._durable = durable
        self._letters = letters
        self._trouble = trouble

    async def took_effect(self, messages: Sequence[Msg], outcome: str = "applied") -> None:
        """Acknowledge what is committed."""
        self._count(outcome, len(messages))
        self._trouble.over()
        crash.point("before_ack")
        for message in messages:
            await message.ack()
        crash.point("after_ack")

    async def later(self, messages: Sequence[Msg], error: Exception) -> None:
        """Ask for them again: what hindered us will pass."""
        self._count("later", len(messages))
        self._trouble.tell(f"{type(error).__name__} {error}"[:200])
        for message in messages:
            await message.nak(delay=1)

    async def failed(self, message: Msg, error: Exception) -> None:
        """Try again soon; park what cannot be read, and what failed too often (the server counts, restarts or not)."""
        tries = message.metadata.num_delivered
        if tries < TRIES and not isinstance(error, _UNREADABLE):
            self._count("later")
            log.warning("event_failed", subject=message.subject, tries=tries, exc_info=error)
            await message.nak(delay=0.05 * 2**tries)
            return
        try:
            await self._letters.park(message, error)
        except Exception as hindrance:  # nothing is put aside quietly: it comes again until it can be
            self._count("later")
            if not passes(hindrance):
                log.exception("event_not_parked", durable=self._durable, subject=message.subject)
            await message.nak(delay=1)
        else:
            self._count("parked")
            log.error("event_parked", durable=self._durable, subject=message.subject, exc_info=error)
            await message.ack()

    def _count(self, outcome: str, count: int = 1) -> None:
        metrics.inbox_events.labels(self._durable, outcome).inc(count)


def passes(error: Exception) -> bool:
    """Whether it is not the event's fault."""
    return isinstance(error, PeerUnavailable) or will_pass(error)
