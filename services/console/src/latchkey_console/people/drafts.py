"""A role as a form has it, and in what two of them differ."""

from typing import Any

import msgspec

from latchkey_console.apps.differences import Difference, difference
from latchkey_console.apps.matrix import Models, permissions_from
from latchkey_console.forms import Form
from latchkey_contracts.requests.permissions import PlainPermissions

FLAGS = ("app_center", "settings", "audit")


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """As the permissions service shows it."""

    id: str
    name: str
    revision: int
    permissions: PlainPermissions
    portfolio: str
    app_center: bool
    settings: bool
    audit: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    portfolio: str = "own"
    app_center: bool = False
    settings: bool = False
    audit: bool = False
    permissions: PlainPermissions = {}

    def body(self) -> dict[str, Any]:
        """What the permissions service is sent."""
        return msgspec.structs.asdict(self)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One of the plain members, where it differs: ``saved`` is how it is now, ``typed`` how the form has it."""

    kind: str
    saved: str | bool
    typed: str | bool


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """In what a form differs from what is saved. ``permissions``: what saving it would take away and add."""

    members: tuple[Member, ...]
    permissions: Difference


def draft_of(role: Role) -> Draft:
    return Draft(**{name: getattr(role, name) for name in Draft.__struct_fields__})


def draft_in(form: Form, models: Models, before: PlainPermissions) -> Draft:
    """Give what somebody left in the form. A form without a matrix says nothing of permissions: they are as before."""
    permissions = permissions_from(form, models)
    return Draft(
        name=str(form.get("name", "")).strip(),
        portfolio=str(form.get("portfolio", "own")),
        permissions=before if permissions is None else permissions,
        **{flag: flag in form for flag in FLAGS},
    )


def differences(saved: Draft, typed: Draft, models: Models) -> Differences:
    pairs = ((kind, getattr(saved, kind), getattr(typed, kind)) for kind in ("name", "portfolio", *FLAGS))
    return Differences(
        members=tuple(Member(kind=kind, saved=now, typed=then) for kind, now, then in pairs if now != then),
        permissions=difference(saved.permissions, typed.permissions, models),
    )
