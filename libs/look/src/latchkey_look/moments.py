"""Moments as people read them. The browser's script rewrites what is in ``<time>`` to the reader's own clock."""

import datetime as dt


def moment(at: dt.datetime) -> str:
    """``2 Oct 2026, 14:05 UTC``."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(at: dt.datetime) -> str:
    """``2 Oct 2026``."""
    return f"{at.day} {at:%b %Y}"


def machine(at: dt.datetime) -> str:
    """For the ``datetime`` attribute of ``<time>``."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
