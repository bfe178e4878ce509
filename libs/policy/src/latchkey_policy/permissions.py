"""Permission sets: what may be done, per model, action and field."""

from typing import Self

import msgspec

from latchkey_policy import shape
from latchkey_policy.catalogue import Catalogue, Model
from latchkey_policy.errors import PermissionsError
from latchkey_policy.fields import NONE, Fields, all_but, only
from latchkey_policy.names import WRITING, Action


class PermissionSet(msgspec.Struct, frozen=True):
    """A point of the lattice: model → action → the fields which that action may touch.

    An action is granted when its set of fields is not empty, so nothing has two spellings, and sets of
    (model, action, field) carry over every law: idempotent, commutative, associative, absorbing, distributive.
    Make one with `of`, `decode` or `everything`; these leave out what grants nothing.
    """

    rights: shape.Rights = {}

    @classmethod
    def of(cls, data: object) -> Self:
        """Read the plain shape, as in `{"company": ["view"], "task": {"view": "*", "update": ["done"]}}`."""
        return cls(shape.read(data))

    @classmethod
    def decode(cls, text: bytes | str) -> Self:
        """Read JSON; `PermissionsError` names what is wrong."""
        try:
            return cls.of(msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise PermissionsError("Permissions are not valid JSON.") from error

    def plain(self) -> shape.Plain:
        return shape.write(self.rights)

    def encode(self) -> bytes:
        """Write canonical JSON: equal sets give equal bytes."""
        return msgspec.json.encode(self.plain(), order="sorted")

    def __hash__(self) -> int:
        return hash(frozenset((model, frozenset(actions.items())) for model, actions in self.rights.items()))

    @property
    def is_empty(self) -> bool:
        return not self.rights

    def fields(self, model: str, action: Action) -> Fields:
        """Give the fields that `action` may touch; the empty set if it is not granted."""
        return self.rights.get(model, {}).get(action, NONE)

    def allows(self, model: str, action: Action) -> bool:
        return action in self.rights.get(model, ())

    def allows_field(self, model: str, field: str, action: Action) -> bool:
        return field in self.fields(model, action)

    def scopes(self) -> tuple[str, ...]:
        """List `model:action`, sorted: the token response's `scope` (RFC 6749 §5.1)."""
        return tuple(sorted(f"{model}:{action}" for model, actions in self.rights.items() for action in actions))

    def meet(self, other: "PermissionSet") -> "PermissionSet":
        """Give what both grant."""
        theirs = other.rights
        shared = ((model, _meet(own, theirs[model])) for model, own in self.rights.items() if model in theirs)
        return PermissionSet({model: actions for model, actions in shared if actions})

    def join(self, other: "PermissionSet") -> "PermissionSet":
        """Give what either grants."""
        models = self.rights.keys() | other.rights.keys()
        return _built({m: _join(self.rights.get(m, {}), other.rights.get(m, {})) for m in models})

    def diff(self, other: "PermissionSet") -> "PermissionSet":
        """Give what this one grants and the other does not."""
        return _built({m: {a: f - other.fields(m, a) for a, f in own.items()} for m, own in self.rights.items()})

    def is_subset(self, other: "PermissionSet") -> bool:
        """Say whether the other grants all that this one does."""
        return all(f <= other.fields(m, a) for m, own in self.rights.items() for a, f in own.items())

    def restrict(self, catalogue: Catalogue) -> "PermissionSet":
        """Close the set over today's catalogue: "every field" becomes the fields that the model lists now.

        Unknown models, actions and fields fall away, and so does writing to read-only fields. Two sets are to be
        compared like this (`*` and a full list are then the same), and a grant is to be stored like this, so that a
        field which the catalogue gains later is not in it.
        """
        return self.meet(_universe(catalogue))


def everything(catalogue: Catalogue) -> PermissionSet:
    """All actions of all models, and every field they have or will have, as a role would store it."""
    return PermissionSet(
        {model.name: {action: _open(model, action) for action in model.actions} for model in catalogue}
    )


def _universe(catalogue: Catalogue) -> PermissionSet:
    return PermissionSet(
        {model.name: {action: _closed(model, action) for action in model.actions} for model in catalogue}
    )


def _open(model: Model, action: Action) -> Fields:
    return all_but(field.name for field in model.fields if action in WRITING and not field.writable)


def _closed(model: Model, action: Action) -> Fields:
    # Where no field can be listed (remove, a model without fields), the action stands for itself.
    return only(names) if (names := model.fields_for(action)) else _open(model, action)


def _meet(one: shape.Actions, two: shape.Actions) -> shape.Actions:
    """The hot path of every effective right: bits are met here, so that a set is made only where it is a new one."""
    met: dict[Action, Fields] = {}
    for action, fields in one.items():
        other = two.get(action)
        if other is not None and (left := fields.bits & other.bits):
            met[action] = fields if left == fields.bits else Fields(left)
    return met


def _join(one: shape.Actions, two: shape.Actions) -> shape.Actions:
    shared = {action: fields | two[action] for action, fields in one.items() if action in two}
    return {**one, **two, **shared}


def _built(rights: shape.Rights) -> PermissionSet:
    kept = {model: {a: fields for a, fields in actions.items() if fields} for model, actions in rights.items()}
    return PermissionSet({model: actions for model, actions in kept.items() if actions})
