"""Judging what did not rotate: the one place that tells theft from a slip, a lost answer and our own failure."""

import datetime as dt
import hmac
from enum import Enum
from typing import Final

from latchkey_token.domain.connection import ConnectionState
from latchkey_token.domain.presentation import Presentation

_LONGEST_FOR_CODES: Final = dt.timedelta(minutes=10)
"""After their exchange. A code is good for minutes (RFC 6749 §4.1.2), a refresh token that nobody uses for weeks."""


class Verdict(Enum):
    """Why a code or refresh token was not exchanged. Only ``REPLAY`` changes anything."""

    UNKNOWN = "unknown"
    """No such connection: swept, or never committed."""
    DEAD = "dead"
    """Revoked or expired."""
    AHEAD = "ahead"
    """Newer than the row, or of the same generation with another secret: we lost commits."""
    WRONG_CLIENT = "wrong_client"
    WRONG_REDIRECT = "wrong_redirect"
    WRONG_VERIFIER = "wrong_verifier"
    CURRENT = "current"
    """Good as it stands: the client's gate moved, or a neighbour failed. Try once more."""
    AGAIN = "again"
    """The predecessor of the current one, shown by who may have missed the answer: the same successor is due."""
    LATE = "late"
    """A code, shown by who may have missed the answer, but long ago."""
    REPLAY = "replay"
    """Spent, and no innocent reason for it: two parties hold it."""


def judge(row: ConnectionState | None, shown: Presentation, *, retry_window: int, unanswered: bool = False) -> Verdict:
    """Judge by the row as it is now.

    ``retry_window`` is the client's, in seconds; ``unanswered`` says that this process knows of a lost answer which
    the row may not tell of yet.
    """
    if row is None:
        return Verdict.UNKNOWN
    if not row.alive:
        return Verdict.DEAD
    if _ahead(row, shown):
        return Verdict.AHEAD
    mismatch = _mismatch(row, shown)
    if mismatch is not None:
        return mismatch
    return _by_generation(row, shown, retry_window, unanswered=unanswered)


def _by_generation(row: ConnectionState, shown: Presentation, retry_window: int, *, unanswered: bool) -> Verdict:
    if shown.generation == row.generation:
        return Verdict.CURRENT
    if shown.generation == row.generation - 1:
        if unanswered or row.unanswered == shown.generation:
            return Verdict.LATE if _is_late(row, shown) else Verdict.AGAIN
        return Verdict.AGAIN if _inside_window(row, shown, retry_window) else Verdict.REPLAY
    return Verdict.REPLAY


def _ahead(row: ConnectionState, shown: Presentation) -> bool:
    if shown.generation == row.generation:
        return not hmac.compare_digest(shown.hash, row.current_hash)
    return shown.generation > row.generation


def _mismatch(row: ConnectionState, shown: Presentation) -> Verdict | None:
    if shown.client != row.client:
        return Verdict.WRONG_CLIENT
    if shown.generation > 0:
        return None
    if shown.redirect_hash != row.redirect_hash and (row.redirect_uri_sent or shown.redirect_hash is not None):
        return Verdict.WRONG_REDIRECT
    # A verifier without a challenge is refused like a challenge without a verifier (RFC 9700 §4.8.2).
    return None if shown.verifier == row.challenge else Verdict.WRONG_VERIFIER


def _inside_window(row: ConnectionState, shown: Presentation, retry_window: int) -> bool:
    if shown.generation == 0 or retry_window == 0 or row.rotated_at is None:
        return False
    return row.now - row.rotated_at <= dt.timedelta(seconds=retry_window)


def _is_late(row: ConnectionState, shown: Presentation) -> bool:
    return shown.generation == 0 and row.rotated_at is not None and row.now - row.rotated_at > _LONGEST_FOR_CODES
