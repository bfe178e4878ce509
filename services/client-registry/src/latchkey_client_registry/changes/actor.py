"""Who changes a client."""

from collections.abc import Callable

import msgspec


def _certain() -> None:
    pass


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, for the event: a user through a client; neither for the operator and for what ends by itself.

    ``confirm`` raises when the actor may act no more; it is called as the last step before the commit.
    """

    user: str | None = None
    client: str | None = None
    confirm: Callable[[], None] = _certain
