"""Nobody grants above themselves: what somebody may give to others, and what of a wish lies beyond that."""

from collections.abc import Iterator
from typing import Final

import msgspec

from latchkey_permissions.domain.lacking import lacking, scope_words
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio

FLAGS: Final = ("app_center", "settings", "audit")


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What a role lets its people do; as a bound, what somebody's own role does."""

    permissions: PermissionSet = PermissionSet()
    portfolio: Portfolio = Portfolio.OWN
    app_center: bool = False
    settings: bool = False
    audit: bool = False


class Beyond(msgspec.Struct, frozen=True):
    """A member of a role, by pointer (RFC 6901), that somebody's own role does not hold."""

    pointer: str
    message: str
    lacking: tuple[str, ...]
    """What their role would have to hold: scope words, ``portfolio:<kind>``, or the name of a flag."""


def beyond(wanted: Reach, own: Reach, catalogue: Catalogue) -> Iterator[Beyond]:
    """Everything in which ``wanted`` exceeds ``own``, as the catalogue stands; nothing when it is within."""
    yield from beyond_permissions(wanted.permissions, own.permissions, catalogue)
    if not holds(own.portfolio, wanted.portfolio):
        message = f"The portfolio {wanted.portfolio.value} is wider than that of your own role."
        yield Beyond("/portfolio", message, (f"portfolio:{wanted.portfolio.value}",))
    for flag in FLAGS:
        if getattr(wanted, flag) and not getattr(own, flag):
            yield Beyond(f"/{flag}", "Your own role does not have this flag.", (flag,))


def beyond_permissions(wanted: PermissionSet, own: PermissionSet, catalogue: Catalogue) -> Iterator[Beyond]:
    missing = wanted.restrict(catalogue).diff(own.restrict(catalogue))
    for model, actions in missing.rights.items():
        lacked = PermissionSet({model: actions})
        (line,) = lacking(lacked, catalogue)
        yield Beyond(f"/permissions/{model}", f"Your own role does not hold {line}.", scope_words(lacked, catalogue))


def holds(own: Portfolio, wanted: Portfolio) -> bool:
    """Whether a kind of portfolio is as wide as another, whoever owns what.

    ``listed`` holds nothing but itself, and is wider than ``own`` for some.
    """
    return own in (Portfolio.ALL, wanted) or (own, wanted) == (Portfolio.TEAM, Portfolio.OWN)
