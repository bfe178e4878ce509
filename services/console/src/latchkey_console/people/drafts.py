"""A role as a form has it, and in what two of them differ."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from latchkey_console.desk import Form
from latchkey_console.people.boxes import Model, Plain, permissions_of
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet

FLAGS = ("app_center", "settings", "audit")


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """As the permissions service shows it."""

    id: str
    name: str
    revision: int
    permissions: Plain
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
    permissions: Plain = {}

    def body(self) -> dict[str, Any]:
        """What the permissions service is sent."""
        return msgspec.structs.asdict(self)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How far an action of a model is allowed. ``fields`` are titles; ``None`` is every field."""

    granted: bool
    fields: tuple[str, ...] | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """``saved`` is how it is now, ``typed`` how the form has it: each a `Reach` where ``kind`` is ``permission``."""

    kind: Literal["name", "portfolio", "app_center", "settings", "audit", "permission"]
    saved: Any
    typed: Any
    model: str = ""
    action: str = ""


def draft_of(role: Role) -> Draft:
    return Draft(**{name: getattr(role, name) for name in Draft.__struct_fields__})


def draft_in(form: Form, models: Sequence[Model], before: Plain) -> Draft:
    """Give what somebody left in the form. ``before``: the permissions that it was filled with."""
    return Draft(
        name=str(form.get("name", "")).strip(),
        portfolio=str(form.get("portfolio", "own")),
        permissions=permissions_of((str(box) for box in form.getall("p", [])), before, models),
        **{flag: flag in form for flag in FLAGS},
    )


def differences(saved: Draft, typed: Draft, models: Sequence[Model]) -> Iterator[Difference]:
    """In what the form differs from what is saved."""
    for kind in ("name", "portfolio", *FLAGS):
        if (is_now := getattr(saved, kind)) != (wanted := getattr(typed, kind)):
            yield Difference(kind=kind, saved=is_now, typed=wanted)  # type: ignore[arg-type]  # one of the five
    now, then = PermissionSet.of(saved.permissions), PermissionSet.of(typed.permissions)
    for model in models:
        for action in model.actions:
            one, other = _reach(model, action, now), _reach(model, action, then)
            if one != other:
                yield Difference(kind="permission", saved=one, typed=other, model=model.title, action=action)


def _reach(model: Model, action: Action, permissions: PermissionSet) -> Reach:
    if not permissions.allows(model.name, action):
        return Reach(granted=False)
    fields = permissions.fields(model.name, action)
    possible = model.fields_of(action)
    within = tuple(field.title for field in possible if field.name in fields)
    return Reach(granted=True, fields=None if len(within) == len(possible) else within)
