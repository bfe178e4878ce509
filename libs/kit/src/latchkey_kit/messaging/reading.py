"""Reading what came: an event, as its subject says.

NATS holds a service to its own subjects, and reads no bodies: what one says beyond its subject may be anybody's lie.
"""

from typing import Annotated

import msgspec

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.events.tellers import misfit, tellers, type_of
from latchkey_contracts.ids import Id


class MisfitError(ValueError):
    """The body is not what its subject says, or its source may not tell of it."""


class Which(msgspec.Struct, frozen=True):
    """Which event of its source it is, as far as that is known."""

    source: Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{1,40}$")] | None = None
    epoch: Id | None = None
    sequence: Annotated[int, msgspec.Meta(ge=1, lt=2**63 - 1)] | None = None


def read(subject: str, body: bytes) -> CloudEvent:
    """Read the event that came on a subject.

    Raises:
        MisfitError: it does not belong there.
        Exception: it is none: what msgspec raises, and `UnicodeDecodeError`, `RecursionError`.

    """
    event = msgspec.json.decode(body, type=CloudEvent)
    if wrong := misfit(subject, event):
        raise MisfitError(wrong)
    return event


def which(subject: str, body: bytes) -> Which:
    """Give what can be believed of what cannot be read: nothing, if the source may not tell of the subject."""
    try:
        found = msgspec.json.decode(body, type=Which)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Which()
    return found if found.source in tellers(type_of(subject)) else Which()
