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


class AccessChangeRefused(Event, frozen=True):
    """Somebody was refused (403) a change beyond their own role: to give others or an app what it does not hold.

    Or to take that away, or to let somebody who holds it choose a new password. The envelope names who acted, and the
    app through which. Where an invitation or a link comes true later than it was made, whoever made it is named.
    Told at once, then once a minute for the same person, app and first thing that is lacking.
    """

    type: ClassVar[str] = "access.change_refused"
    title: ClassVar[str] = "Change beyond own rights refused"
    result: ClassVar[Result] = "refused"
    entity: ClassVar[str] = "user"
    user: Id
    lacking: tuple[str, ...]
    """What their own role would have to hold: scope words, ``portfolio:<kind>``, or the name of a flag; 100 at most."""
    times: int = 1
    """How often, since it was told last."""
