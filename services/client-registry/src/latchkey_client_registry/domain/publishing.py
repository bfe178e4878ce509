"""How a client stands with the staff who review it before other tenants may use it, and where it goes from there."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from latchkey_contracts.events.client import (
    ClientPublished,
    ClientPublishRejected,
    ClientPublishRequested,
    ClientPublishWithdrawn,
    ClientReviewed,
    ClientUnpublished,
)

State = Literal["none", "pending", "approved", "rejected"]
Decision = Literal["approve", "reject"]


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    """``at``: since when. ``by`` asked with the ``note``; staff answered with the ``reason``."""

    state: State = "none"
    at: dt.datetime | None = None
    by: str | None = None
    note: str = ""
    reason: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Where it goes, and the event that tells of it."""

    to: State
    event: type[ClientReviewed]


REQUEST: Final = Move(to="pending", event=ClientPublishRequested)
_WITHDRAWALS: Mapping[State, Move] = {
    "pending": Move(to="none", event=ClientPublishWithdrawn),
    "approved": Move(to="none", event=ClientUnpublished),
}
_DECISIONS: Mapping[tuple[State, Decision], Move] = {
    ("pending", "approve"): Move(to="approved", event=ClientPublished),
    ("pending", "reject"): Move(to="rejected", event=ClientPublishRejected),
    ("approved", "reject"): Move(to="rejected", event=ClientUnpublished),
}
_DECIDED: Mapping[Decision, State] = {"approve": "approved", "reject": "rejected"}


def withdrawal(state: State) -> Move | None:
    """What its maker's withdrawal does; ``None`` when there is nothing to withdraw."""
    return _WITHDRAWALS.get(state)


def decided(state: State, decision: Decision) -> Move | None:
    """What a decision of staff does; ``None`` for what stands so already.

    Raises:
        LookupError: nobody asks for this client to be published.

    """
    return None if state == _DECIDED[decision] else _DECISIONS[state, decision]
