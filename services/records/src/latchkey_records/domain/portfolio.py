"""Which records somebody reaches: those of their tenant whose company is in their portfolio."""

import msgspec

from latchkey_policy.portfolio import Portfolio, both


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """A company is within reach if its owner is one of ``owners`` and its id one of ``listed``.

    ``None`` asks for nothing. Records of other models follow their company; those without one need ``None`` in both.
    """

    tenant: str
    owners: tuple[str, ...] | None = None
    listed: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        return self.owners is None and self.listed is None


def reach(
    *, tenant: str, user: str, portfolios: tuple[str, ...], team: tuple[str, ...] = (), listed: tuple[str, ...] = ()
) -> Reach:
    """``portfolios`` are the kind granted and the kind now: a company counts only if both hold it.

    Raises:
        ValueError: for a kind that this release does not know.

    """
    granted, now = (Portfolio(kind) for kind in portfolios)
    kinds = both(granted, now)
    return Reach(
        tenant=tenant,
        owners=_owners(kinds, user, team),
        listed=tuple(sorted(set(listed))) if Portfolio.LISTED in kinds else None,
    )


def _owners(kinds: frozenset[Portfolio], user: str, team: tuple[str, ...]) -> tuple[str, ...] | None:
    owners: set[str] | None = None
    if Portfolio.TEAM in kinds:
        owners = {user, *team}
    if Portfolio.OWN in kinds:
        owners = {user}
    return None if owners is None else tuple(sorted(owners))
