"""Scope words (RFC 6749 §3.3): what they ask for, and what comes of it."""

from typing import Literal, get_args

import msgspec

from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.errors import UnknownScope
from latchkey_policy.fields import ALL, Fields, only
from latchkey_policy.names import Action, is_action
from latchkey_policy.permissions import PermissionSet

Broad = Literal["default", "inclusive"]
FieldRight = Literal["view", "update"]


class ScopeRequest(msgspec.Struct, frozen=True):
    """`default`: the whole ceiling or nothing; `inclusive`: what the role has of it; `listed`: that much of `asked`."""

    kind: Literal["default", "inclusive", "listed"]
    asked: PermissionSet = PermissionSet()


class Granted(msgspec.Struct, frozen=True):
    permissions: PermissionSet


class Missing(msgspec.Struct, frozen=True):
    """`default` was asked for, and the role lacks this much of the ceiling."""

    permissions: PermissionSet


class NothingLeft(msgspec.Struct, frozen=True):
    """Request, ceiling and role have nothing in common."""


Resolution = Granted | Missing | NothingLeft


def parse_scope(text: str, *, default: Broad, catalogue: Catalogue) -> ScopeRequest:
    """Read scope words, separated by spaces; `default` is what no words mean for this client and audience.

    Words without a colon that we do not know, such as `offline_access` or `openid`, ask for nothing. A word with a
    colon must name what the catalogue has, else `UnknownScope`.
    """
    asked = PermissionSet()
    broad: set[Broad] = set()
    for word in text.split():
        if ":" in word:
            asked = asked.join(_read_word(word, catalogue))
        elif word == "default":
            broad.add("default")
        elif word in {"inclusive", "*"}:
            broad.add("inclusive")
    if not broad and asked.is_empty:
        broad.add(default)
    if "default" in broad:
        return ScopeRequest("default")
    return ScopeRequest("inclusive") if broad else ScopeRequest("listed", asked)


def resolve(request: ScopeRequest, ceiling: PermissionSet, role: PermissionSet, catalogue: Catalogue) -> Resolution:
    """Weigh a request against the client's ceiling and the user's role, both as the catalogue stands.

    What is granted is closed over the catalogue (`PermissionSet.restrict`), so it is fit to be stored.
    """
    ceiling, role = ceiling.restrict(catalogue), role.restrict(catalogue)
    missing = ceiling.diff(role)
    if request.kind == "default" and not missing.is_empty:
        return Missing(missing)
    left = ceiling.meet(role)
    if request.kind == "listed":
        left = left.meet(request.asked)
    return NothingLeft() if left.is_empty else Granted(left)


def _read_word(word: str, catalogue: Catalogue) -> PermissionSet:
    """Read `model:action`, or `model.field:view` and `model.field:update`; the field may be dotted itself."""
    target, _, right = word.partition(":")
    name, dot, field = target.partition(".")
    model = catalogue.by_name.get(name)
    if model is None or not is_action(right) or right not in model.actions:
        raise UnknownScope(word)
    fields: Fields = _read_field(word, model, field, right) if dot else ALL
    return PermissionSet({name: {right: fields}})


def _read_field(word: str, model: Model, field: str, right: Action) -> Fields:
    if right not in get_args(FieldRight) or all(field != known.name for known in model.fields):
        raise UnknownScope(word)
    return only((field,))
