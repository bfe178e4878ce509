"""Permissions as people write them, checked name by name, and as they are shown."""

from collections.abc import Mapping
from typing import Any, Final

from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_permissions.domain.naming import wrong_names
from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import PermissionSet

_LONGEST_NAME: Final = 80


def known_permissions(written: Mapping[str, Any], catalogue: Catalogue) -> PermissionSet:
    """Read model → actions → fields; an action without fields has every one that there is or will be.

    Raises:
        Problem: 400 with every model, action and field that cannot stand there.

    """
    wrong = tuple(wrong_names(written, catalogue))
    if wrong:
        found = (FieldError(pointer=f"/permissions{one.pointer}", message=one.message) for one in wrong)
        raise bad_request(" ".join(one.message for one in wrong[:5]), *found)
    return PermissionSet.of(written)


def shown_permissions(permissions: PermissionSet) -> PlainPermissions:
    """The shape that `known_permissions` reads; short where no field is left out."""
    shown: dict[str, Any] = permissions.plain()
    return {
        model: tuple(actions) if all(fields == "*" for fields in actions.values()) else actions
        for model, actions in shown.items()
    }


def check_name(name: str) -> None:
    """Refuse (400) a name that no page could show."""
    if not (name.isprintable() and name == name.strip() and 0 < len(name) <= _LONGEST_NAME):
        message = f"A name has 1 to {_LONGEST_NAME} printable characters, and no space around it."
        raise bad_request("The name is not valid.", FieldError(pointer="/name", message=message))
