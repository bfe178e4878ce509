"""A grant in the words of the consent page."""

from collections.abc import Collection

from latchkey_contracts.requests.permissions import ConsentLine
from latchkey_permissions.domain.bounds import holds
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.effective import GrantDocument
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.words import describe


def consent_lines(
    permissions: PermissionSet, catalogue: Catalogue, new: Collection[str] = ()
) -> tuple[ConsentLine, ...]:
    """One line a model, the strongest first; ``new`` are the models whose lines are to be marked so."""
    return tuple(
        ConsentLine(
            title=line.title,
            sentence=line.sentence,
            strong=line.strong,
            details=line.details,
            words=line.words,
            new=line.model in new,
        )
        for line in describe(permissions, catalogue)
    )


def beyond_before(wanted: GrantDocument, before: GrantDocument | None) -> frozenset[str]:
    """Models of which a grant gives more than the one that stands; none when it is within that one.

    ``None`` is a grant that nobody knows any more: then all of it is more. So is all of it when the portfolio is
    wider, for every model then reaches further.
    """
    if before is None or not holds(before.portfolio, wanted.portfolio):
        return frozenset(wanted.permissions.rights)
    return frozenset(wanted.permissions.diff(before.permissions).rights)
