"""Facts of every service with a door: who was refused what."""

from typing import ClassVar

from latchkey_contracts.events.base import Event, Result
from latchkey_contracts.ids import Id


class AccessRefused(Event, frozen=True):
    """Somebody was refused (403) what their connection, their role or their client's ceiling does not hold.

    Told at once, then once a minute for the same connection, model and action.
    """

    type: ClassVar[str] = "access.refused"
    title: ClassVar[str] = "Access refused"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "user"
    user: Id
    client: Id
    connection: Id
    model: str
    action: str
    lacking: tuple[str, ...]
    """The scope words that would have been needed."""
    times: int = 1
    """How often, since it was told last."""
