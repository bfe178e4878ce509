"""Requests about dead letters: events that a service could not read or apply, and has put aside."""

from typing import Annotated, ClassVar

import msgspec

from latchkey_contracts.moments import Moment
from latchkey_contracts.requests.base import Ask

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, without its body.

    ``durable`` is the consumer that got it, ``message`` the id that it was sent under, else its place in the stream.
    """

    id: Number
    durable: str
    message: str
    subject: str
    reason: str
    parked_at: Moment


class DeadLetterPage(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` goes on, ``None`` at the end."""

    letters: tuple[DeadLetter, ...]
    next: Number | None = None


class DeadLetterList(Ask[DeadLetterPage], frozen=True):
    """Those of the service that is asked, oldest first; ``after`` as the last page's ``next``."""

    path: ClassVar[str] = "/internal/dead-letters/list"
    answer: ClassVar[type] = DeadLetterPage
    after: Number = 0


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """``reason`` says why it stays; ``None``: it has taken effect, once, and is put aside no more."""

    reason: str | None = None


class DeadLetterRetry(Ask[Retried], frozen=True):
    """Apply one again. 404 when there is no such letter."""

    path: ClassVar[str] = "/internal/dead-letters/retry"
    answer: ClassVar[type] = Retried
    id: Number
