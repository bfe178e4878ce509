"""The feed: what the token service tells every verifier. Pushed over NATS for speed, pulled over HTTP for truth.

==============  =====================================  ===========================================================
kind            key                                    value
==============  =====================================  ===========================================================
``connection``  connection id                          0: the connection is dead (a kill)
``role``        role id                                the role is at least at this revision (a floor)
``assignment``  tenant id + user id                    which role the user has is at least at this revision
``ceiling``     client id                              the client's ceiling is at least at this revision
==============  =====================================  ===========================================================

A verifier that meets a kind it does not know has no lease, so a new kind is sent only after verifiers know it.
"""

from typing import Final

import msgspec

from latchkey_contracts.ids import Id

CONNECTION: Final = "connection"
ROLE: Final = "role"
ASSIGNMENT: Final = "assignment"
CEILING: Final = "ceiling"
FLOORS: Final = frozenset({ROLE, ASSIGNMENT, CEILING})

PUSH_SUBJECT: Final = "lk.feed"
"""Core NATS subject of pushed pages. A push merges entries and never moves a verifier's head."""

VERIFIERS: Final = frozenset({"edge", "records", "mcp", "token", "client-registry", "audit"})
"""Services that check access tokens: they pull the feed and the keys, and ask for rights."""

PULL_PATH: Final = "/feed"
"""``GET /feed?after=<number>&verifier=<name>&applied=<number>`` on the internal port of heads."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One numbered kill or floor."""

    number: int
    kind: str
    key: str
    value: int = 0


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the feed: entries after the asked number, in order.

    ``head`` is the number of the last entry of this page when ``more``, else the newest number of the feed.
    ``epoch`` changes with a restore: a verifier then forgets its head and merges everything from number 0.
    """

    epoch: str
    head: int
    entries: tuple[Entry, ...] = ()
    more: bool = False


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner asks the token service to put into the feed after a change."""

    kind: str
    key: str
    revision: int


def assignment_key(tenant: Id, user: Id) -> str:
    return f"{tenant}{user}"
