"""Who changes rights."""

from collections.abc import Callable

import msgspec


def _certain() -> None:
    pass


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A user through a client, whose own role bounds what they may give; neither for the operator, whom nothing bounds.

    ``confirm`` raises when the actor may act no more; it is called as the last step before the commit.
    """

    user: str | None = None
    client: str | None = None
    confirm: Callable[[], None] = _certain


OPERATOR = Actor()
