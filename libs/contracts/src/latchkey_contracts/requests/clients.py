"""Requests to the client registry."""

from typing import ClassVar, Literal

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask

ClientType = Literal["confidential", "public"]
Proof = Literal["secret", "pkce", "both"]
"""What a confidential client must show at the token endpoint. A public client always shows PKCE."""
Preset = Literal["custom", "claude", "chatgpt"]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client as the authorization endpoint sees it."""

    id: Id
    tenant: Id
    name: str
    description: str
    client_type: ClientType
    proof: Proof
    preset: Preset
    redirect_uris: tuple[str, ...]
    revision: int
    """Grows with every change."""
    turn: int
    """Moves only with facts that kill, bar or lift."""


class ClientAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``client`` is ``None`` for an unknown one. ``usable_in``: those of the asked tenants that may use it."""

    client: Client | None
    usable_in: tuple[Id, ...] = ()


class ClientsGet(Ask[ClientAnswer], frozen=True):
    """``clients.get``: auth asks what a client is and which of a user's tenants may use it."""

    path: ClassVar[str] = "/internal/clients/get"
    answer: ClassVar[type] = ClientAnswer
    client: str
    tenants: tuple[Id, ...] = ()


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """What the token service must know of a client to mint for it."""

    client: Id
    tenant: Id
    revision: int
    turn: int
    client_type: ClientType
    proof: Proof
    secret_hashes: tuple[Digest, ...]
    """SHA-256 of each secret that works today. The secrets have 256 random bits, so one hash suffices."""
    retry_window: int
    """Seconds in which the spent refresh token is answered with the same successor; 0 is strict."""
    default_audience: Literal["both", "mcp"]
    """Audience of a token when the client names no ``resource``."""


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    gate: Gate | None


class GateGet(Ask[GateAnswer], frozen=True):
    """The token service asks the owner once about a client that it does not know, or knows too old."""

    path: ClassVar[str] = "/internal/clients/gate"
    answer: ClassVar[type] = GateAnswer
    client: Id
