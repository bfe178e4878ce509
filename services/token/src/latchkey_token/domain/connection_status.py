"""What a connection is, in one word."""

import datetime as dt
from typing import Literal

Status = Literal["pending", "active", "expired", "revoked"]


def status(*, generation: int, revoked_at: dt.datetime | None, expires_at: dt.datetime, now: dt.datetime) -> Status:
    """``pending``: consented to, and its code not exchanged yet. Revoked stays revoked, whatever the time."""
    if revoked_at is not None:
        return "revoked"
    if expires_at <= now:
        return "expired"
    return "active" if generation else "pending"
