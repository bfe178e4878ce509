"""What a change of permissions leads to, told before it is saved; pure."""

from typing import Final

import msgspec

from latchkey_console.apps.matrix import Models
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_policy.fields import ALL, NONE, Fields
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.words import Line, describe

_FINDING: Final[tuple[Action, ...]] = ("remove", "export")
"""They take a record that is found, whichever field it is found by."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """``less`` is taken away and ``more`` is added, as the catalogue stands.

    ``changed`` without either: it is about fields of one day only.
    """

    changed: bool
    less: tuple[Line, ...]
    more: tuple[Line, ...]


def difference(before: PlainPermissions, after: PlainPermissions, models: Models) -> Difference:
    was, will = models.today(before), models.today(after)
    return Difference(
        changed=models.differ(before, after),
        less=tuple(describe(was.diff(will), models.catalogue)),
        more=tuple(describe(will.diff(was), models.catalogue)),
    )


def beyond(permissions: PlainPermissions, own: PermissionSet, models: Models) -> tuple[Line, ...]:
    """Give what somebody's own role does not hold, and they therefore cannot save."""
    return tuple(describe(models.today(permissions).diff(own.restrict(models.catalogue)), models.catalogue))


def unseen(permissions: PlainPermissions, models: Models) -> tuple[Line, ...]:
    """Give what is lacking of view: whoever updates, removes or exports a record has to find it first."""
    rights = models.today(permissions)
    return tuple(describe(with_view(rights, models).diff(rights), models.catalogue))


def with_view(rights: PermissionSet, models: Models) -> PermissionSet:
    """Add the view that other actions need: of each field that is updated, and of any for remove and export."""
    needed = ((model, _view_for(rights, model)) for model in rights.rights)
    added = PermissionSet({model: {"view": fields} for model, fields in needed if fields})
    return rights.join(added).restrict(models.catalogue)


def _view_for(rights: PermissionSet, model: str) -> Fields:
    updated = rights.fields(model, "update")
    if updated or rights.allows(model, "view"):
        return updated
    return ALL if any(rights.allows(model, action) for action in _FINDING) else NONE
