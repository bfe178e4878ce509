"""What the rules raise; `operations` turns each into a problem.

Invalid          parameters that are malformed, unknown or read-only: 400, by name
LackingFields    fields that the action may not touch: 403, by name
NoSuchRecord     an id that is no record's, or none that may be seen: 404
"""

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
