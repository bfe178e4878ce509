"""What a connection is, in one word."""

import datetime as dt
from typing import Literal

Status = Literal["pending", "active", "expired", "revoked"]


def status(*, generation: int, cut_at: dt.datetime | None, ends: dt.datetime, now: dt.datetime) -> Status:
    """``pending``: consented to, and its code not exchanged yet. Revoked stays revoked, whatever the time."""
    if cut_at is not None:
        return "revoked"
    if ends <= now:
        return "expired"
    return "active" if generation else "pending"
