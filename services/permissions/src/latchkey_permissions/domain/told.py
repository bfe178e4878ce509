"""What events say of roles and ceilings, before and after."""

from collections.abc import Iterator, Mapping

from latchkey_contracts.events.base import Value
from latchkey_permissions.domain.bounds import FLAGS, Reach
from latchkey_policy.permissions import PermissionSet


def role(name: str, reach: Reach) -> Mapping[str, Value]:
    """The settings by the names that the management API has for them."""
    flags = {flag: getattr(reach, flag) for flag in FLAGS}
    return {"name": name, "permissions": words(reach.permissions), "portfolio": reach.portfolio.value, **flags}


def ceiling(permissions: PermissionSet, *, dynamic: bool) -> Mapping[str, Value]:
    return {"permissions": words(permissions), "dynamic": dynamic}


def words(permissions: PermissionSet) -> tuple[str, ...]:
    """``model:action`` all fields, ``model.field:action`` only this one, ``-model.field:action`` not this one."""
    return tuple(sorted(_words(permissions)))


def _words(permissions: PermissionSet) -> Iterator[str]:
    for model, actions in permissions.rights.items():
        for action, fields in actions.items():
            if fields.but:
                yield f"{model}:{action}"
            sign = "-" if fields.but else ""
            yield from (f"{sign}{model}.{field}:{action}" for field in fields.names)
