"""Effective rights: what was granted, within what the client and the role allow now."""

import hashlib
from collections.abc import Mapping
from typing import Final, Literal, Self, get_args

import msgspec

from latchkey_policy.errors import PermissionsError
from latchkey_policy.fields import ALL, Fields
from latchkey_policy.names import Action
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio
from latchkey_policy.shape import Actions

Part = Literal["grant", "ceiling", "role"]
_PARTS: Final[tuple[Part, ...]] = get_args(Part)


class GrantDocument(msgspec.Struct, frozen=True):
    """What a user granted, stored and named by its digest."""

    permissions: PermissionSet
    portfolio: Portfolio

    def encode(self) -> bytes:
        """Write canonical JSON: `{"permissions": …, "portfolio": "own"}`."""
        plain = {"permissions": self.permissions.plain(), "portfolio": self.portfolio.value}
        return msgspec.json.encode(plain, order="sorted")

    def digest(self) -> bytes:
        """SHA-256 of the canonical JSON, 32 bytes: `prm` in the access token names it."""
        return hashlib.sha256(self.encode()).digest()

    @classmethod
    def decode(cls, text: bytes | str) -> Self:
        try:
            written = msgspec.json.decode(text, type=_Written)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise PermissionsError("This is not a grant document.") from error
        return cls(PermissionSet.of(written.permissions), written.portfolio)


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permissions: dict[str, object]
    portfolio: Portfolio


class Explanation(msgspec.Struct, frozen=True):
    """`refused_by` names who says no, in the order grant, ceiling, role; it is empty when the answer is yes."""

    refused_by: tuple[Part, ...]

    @property
    def allowed(self) -> bool:
        return not self.refused_by


def effective(document: GrantDocument, ceiling: PermissionSet, role: PermissionSet) -> PermissionSet:
    """Meet all three in one pass: it is done for every combination of grant, client and role that comes by."""
    others, now = ceiling.rights, role.rights
    met: dict[str, Actions] = {}
    for model, granted in document.permissions.rights.items():
        if (
            (theirs := others.get(model)) is not None
            and (mine := now.get(model)) is not None
            and (left := _met(granted, theirs, mine))
        ):
            met[model] = left
    return PermissionSet(met)


def _met(granted: Actions, ceiling: Actions, role: Actions) -> Actions:
    met: dict[Action, Fields] = {}
    for action, fields in granted.items():
        theirs, mine = ceiling.get(action), role.get(action)
        if theirs is not None and mine is not None and (bits := fields.bits & theirs.bits & mine.bits):
            met[action] = fields if bits == fields.bits else Fields(bits)
    return met


def explain(
    parts: Mapping[Part, PermissionSet], *, model: str, action: Action, field: str | None = None
) -> Explanation:
    """Say who refuses an action on a model, or on one field of it: yes here is yes in what all parts share.

    A part that is left out is not asked. Restrict the parts to the catalogue first if they are not closed over it.
    """
    asked = {part: parts[part].fields(model, action) for part in _PARTS if part in parts}
    if field is not None:
        return Explanation(tuple(part for part, fields in asked.items() if field not in fields))
    return Explanation(tuple(part for part, fields in asked.items() if not fields) or _clash(asked))


def _clash(parts: Mapping[Part, Fields]) -> tuple[Part, ...]:
    """Name the first part that has no field in common with those before it, though each grants some."""
    left = ALL
    for part, fields in parts.items():
        left &= fields
        if not left:
            return (part,)
    return ()
