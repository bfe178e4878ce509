"""Dates with times, as they come from outside (RFC 3339): always with an offset."""

import datetime as dt
from typing import Annotated

import msgspec

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


def in_utc(moment: dt.datetime) -> dt.datetime:
    """The same moment in UTC; `ValueError` where an offset carries it out of the years 1 to 9999."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("Expected a date and time from the year 1 to 9999, in UTC.") from None
