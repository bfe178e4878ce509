"""Requests about single connections."""

from typing import ClassVar, Literal

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask


class ConnectionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a connection is, and what was granted. ``pending``: its code was not exchanged yet."""

    tenant: Id
    user: Id
    client: Id
    document: Digest
    status: Literal["pending", "active", "expired", "revoked"]


class ConnectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``None``: this tenant has no such connection."""

    connection: ConnectionFacts | None


class ConnectionGet(Ask[ConnectionAnswer], frozen=True):
    """To token: permissions asks what it is to explain the rights of."""

    path: ClassVar[str] = "/internal/connections/get"
    answer: ClassVar[type] = ConnectionAnswer
    tenant: Id
    connection: Id
