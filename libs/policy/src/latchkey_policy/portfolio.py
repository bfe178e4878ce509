"""Portfolios: which companies, and with them which records, somebody may see."""

from enum import StrEnum


class Portfolio(StrEnum):
    """The kind of a portfolio; which companies it holds is known where they are kept."""

    ALL = "all"
    """Every company of the tenant, and the records without one."""
    OWN = "own"
    """The companies that the person owns."""
    TEAM = "team"
    """Those that the person, or somebody in a team with them, owns."""
    LISTED = "listed"
    """Those on a list of the person's own."""


def both(granted: Portfolio, now: Portfolio) -> frozenset[Portfolio]:
    """Name the conditions that a company must satisfy today, every one of them.

    Never empty: `{ALL}` alone lets everything through, so a lost condition cannot open the door.
    """
    return frozenset({granted, now} - {Portfolio.ALL}) or frozenset({Portfolio.ALL})
