"""Permissions as people write them, checked name by name."""

from collections.abc import Mapping

from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_permissions.domain.naming import unknown_names
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import PermissionSet


def known_permissions(written: Mapping[str, tuple[str, ...]], catalogue: Catalogue) -> PermissionSet:
    """Read model → actions, each with every field that there is or will be.

    Raises:
        Problem: 400 with every model and action that the catalogue does not have.

    """
    unknown = tuple(unknown_names(written, catalogue))
    if unknown:
        found = (FieldError(pointer=f"/permissions{one.pointer}", message=one.message) for one in unknown)
        raise bad_request(" ".join(one.message for one in unknown[:5]), *found)
    return PermissionSet.of(written)
