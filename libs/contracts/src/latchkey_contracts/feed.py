"""The feed: what the token service tells every verifier. Pushed over NATS for speed, pulled over HTTP for truth.

A **kill** says that every connection of its key that was born up to ``value`` is dead. A **floor** says that a copy of
somebody's rights is good only from revision ``value`` on. Keys are ids side by side, in this order.

======================  =========================  =====================================================
kind                    key                        value
======================  =========================  =====================================================
``connection``          connection                 0: this one is dead, whenever it was born
``client``              client                     cutoff
``tenant_client``       tenant, client             cutoff
``tenant_user_client``  tenant, user, client       cutoff
``tenant_user``         tenant, user               cutoff
``user``                user                       cutoff
``tenant``              tenant                     cutoff
``all``                 empty                      cutoff
``kid``                 key id of a signing key    0: all that it has signed is refused
``role``                role                       revision (a floor)
``assignment``          tenant, user               revision of the user's role, teams and list (a floor)
``ceiling``             client                     revision (a floor)
======================  =========================  =====================================================

On the way a key is a `mark` of it: who reads the feed learns no id that it does not know already. A verifier that
meets a kind it does not know has no lease, so a new kind is sent only after verifiers know it.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec

from latchkey_contracts.ids import Id

CONNECTION: Final = "connection"
CLIENT: Final = "client"
TENANT_CLIENT: Final = "tenant_client"
TENANT_USER_CLIENT: Final = "tenant_user_client"
TENANT_USER: Final = "tenant_user"
USER: Final = "user"
TENANT: Final = "tenant"
ALL: Final = "all"
KID: Final = "kid"
WIDE: Final = frozenset({CLIENT, TENANT_CLIENT, TENANT_USER_CLIENT, TENANT_USER, USER, TENANT, ALL})
"""Kills with a cutoff."""
KILLS: Final = WIDE | {CONNECTION, KID}
ROLE: Final = "role"
ASSIGNMENT: Final = "assignment"
CEILING: Final = "ceiling"
FLOORS: Final = frozenset({ROLE, ASSIGNMENT, CEILING})

PUSH_SUBJECT: Final = "lk.feed"
"""Core NATS subject of pushed pages. A push merges entries and never moves a verifier's head."""

VERIFIERS: Final = frozenset({"edge", "records", "mcp", "token", "client-registry", "permissions", "audit", "auth"})
"""Services that check access tokens: they pull the feed and the keys, and ask for rights."""

PULL_PATH: Final = "/feed"
"""``GET /feed?after=<number>&verifier=<name>&applied=<number>`` on the internal port of heads."""

_MARK_SIZE: Final = 16


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One numbered kill or floor. ``key`` is a mark in hexadecimal; inside the token service it is the key itself."""

    number: int
    kind: str
    key: str
    value: int = 0


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the feed: entries after the asked number, in order.

    ``head`` is the number of the last entry of this page when ``more``, else the newest number of the feed.
    ``epoch`` changes with a restore: a verifier then forgets its head and merges everything from number 0.
    ``salt`` (hexadecimal) is what marks are made with. What is numbered up to ``horizon`` concerns only tokens that
    have expired: it is left out, and copies of rights that are as old are asked for again.
    """

    epoch: str
    head: int
    entries: tuple[Entry, ...] = ()
    more: bool = False
    salt: str = ""
    horizon: int = 0


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner asks the token service to put into the feed after a change."""

    kind: str
    key: str
    revision: int


def assignment_key(tenant: Id, user: Id) -> str:
    return f"{tenant}{user}"


def mark(salt: bytes, kind: str, key: str) -> bytes:
    """What stands for a key in the feed: 16 bytes, the same for the same key under one salt."""
    return hashlib.blake2b(f"{kind}:{key}".encode(), digest_size=_MARK_SIZE, key=salt).digest()


def wide_keys(*, tenant: Id, user: Id, client: Id) -> Iterator[tuple[str, str]]:
    """Kind and key of every wide kill that names a connection."""
    yield CLIENT, client
    yield TENANT_CLIENT, tenant + client
    yield TENANT_USER_CLIENT, tenant + user + client
    yield TENANT_USER, tenant + user
    yield USER, user
    yield TENANT, tenant
    yield ALL, ""
