"""Which records somebody reaches: those of their tenant whose company is in their portfolio."""

import msgspec

from latchkey_policy.portfolio import Portfolio, both


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """``owner``: only companies that this user owns, and what belongs to them; ``None``: all of the tenant.

    Records without a company are reached with ``None`` only.
    """

    tenant: str
    owner: str | None


def reach(*, tenant: str, user: str, portfolios: tuple[str, ...]) -> Reach:
    """``portfolios`` are the kind granted and the kind now: a company counts only if both hold it.

    Raises:
        ValueError: for a kind that this release does not know.

    """
    granted, now = (Portfolio(kind) for kind in portfolios)
    return Reach(tenant=tenant, owner=user if Portfolio.OWN in both(granted, now) else None)
