"""The connection of a client that acts for itself (RFC 6749 §4.4), and when another takes its place."""

from enum import Enum

from latchkey_token.domain.connection import Granted


class StandingConnection(Granted, frozen=True, kw_only=True):
    """``revision`` is that of the gate that it was born under; ``user`` is the client (RFC 9068 §2.2, ``sub``).

    ``cut``: it is dead because somebody who manages connections wanted that, and nothing has lifted it since.
    """

    revision: int
    alive: bool
    cut: bool


class Fitness(Enum):
    GOOD = "good"
    REMAKE = "remake"
    """There is none, or it was born under an older gate, or what killed it is over."""
    CUT = "cut"
    """Dead until the client's gate moves on."""
    BEHIND = "behind"
    """It was born under a newer gate than ours: ours is to be read again."""


def fitness(standing: StandingConnection | None, revision: int) -> Fitness:
    """What a client's standing connection is good for, under its gate at this revision."""
    if standing is None or standing.revision < revision:
        return Fitness.REMAKE
    if standing.revision > revision:
        return Fitness.BEHIND
    if standing.alive:
        return Fitness.GOOD
    return Fitness.CUT if standing.cut else Fitness.REMAKE
