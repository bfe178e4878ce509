"""What the rules raise; `operations` turns each into a problem.

Invalid          parameters that are malformed, unknown or read-only: 400, by name
LackingFields    fields that the action may not touch: 403, by name
NoSuchRecord     an id that is no record's, or none that may be seen: 404
Changed          a record that is no longer as its writer saw it: 412
"""

from collections.abc import Iterable

import msgspec

from latchkey_policy.names import Action


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong. ``pointer`` is a JSON Pointer (RFC 6901) into the parameters."""

    pointer: str
    message: str


class Invalid(Exception):  # noqa: N818 - it names the finding
    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.pointer for fault in faults))
        self.faults = faults


class LackingFields(Exception):  # noqa: N818 - it names the finding
    def __init__(self, action: Action, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.action = action
        self.fields = fields


class NoSuchRecord(Exception):  # noqa: N818 - it is an answer
    pass


class Changed(Exception):  # noqa: N818 - it is an answer
    """``now`` is the entity tag of what the record has become."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


def at(*names: str) -> str:
    """JSON Pointer (RFC 6901 §3), with overlong names cut."""
    return "".join("/" + name[:80].replace("~", "~0").replace("/", "~1") for name in names)


def refuse(faults: Iterable[Fault]) -> None:
    """Raise what was found wrong, if anything was."""
    if found := tuple(faults):
        raise Invalid(*found[:20])
