"""Requests to the token service."""

import datetime as dt
from typing import ClassVar, Final

import msgspec

from latchkey_contracts.feed import Floor
from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask
from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.standing import Limits, Seen, Standing

ALREADY_AUTHORIZED: Final = "already_authorized"
"""Code of the refusal (409) of an attempt that has led to a connection before, whose code was spent, or died."""


class GrantCreated(msgspec.Struct, frozen=True, kw_only=True):
    """``code`` is the authorization code, generation 0 of the connection. It is shown to nobody but the redirect."""

    connection: Id
    code: str


class GrantsCreate(Ask[GrantCreated], frozen=True):
    """``grants.create``: birth of a connection after consent.

    ``resources`` are canonical audiences. ``challenge`` is the S256 challenge (RFC 7636), if the client sent one.
    ``client_revision`` and ``client_turn`` are what auth saw: when they are newer than ours, we ask the owner first.
    ``attempt`` names the form that was answered: the same question of the same attempt leads to one connection, and is
    answered with the same code again while that is good; then no more (`ALREADY_AUTHORIZED`).
    """

    path: ClassVar[str] = "/internal/grants"
    answer: ClassVar[type] = GrantCreated
    tenant: Id
    user: Id
    client: Id
    document: Digest
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    redirect_uri: str
    redirect_uri_sent: bool
    """Whether the authorization request named it: then the token request must, too (RFC 6749 §4.1.3)."""
    challenge: str | None
    client_revision: int
    client_turn: int
    turns: tuple[Seen, ...] = ()
    """Turns that auth saw of what else the connection hangs on; left out where it is 0."""
    attempt: Digest | None = None
    """``None`` for one by itself, whatever came before."""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """The number in the feed under which it is committed, or ``None`` when the feed has nothing to tell of it.

    ``effective_at`` is when it is in force everywhere at the latest: the commit and one lease.
    """

    number: int | None = None
    effective_at: dt.datetime | None = None


class TokenApply(Ask[Applied], frozen=True):
    """``token.apply``: an owner tells what it just committed, by revision or turn. The event is the fallback."""

    path: ClassVar[str] = "/internal/token/apply"
    answer: ClassVar[type] = Applied
    gate: Gate | None = None
    standings: tuple[Standing, ...] = ()
    limits: Limits | None = None
    floors: tuple[Floor, ...] = ()
