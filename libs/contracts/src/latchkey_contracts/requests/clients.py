"""Requests to the client registry."""

from typing import ClassVar, Final, Literal

import msgspec

from latchkey_contracts.ids import Digest, Id
from latchkey_contracts.requests.base import Ask

ClientType = Literal["confidential", "public"]
Proof = Literal["secret", "pkce", "both"]
"""What a confidential client must show at the token endpoint. A public client always shows PKCE."""
Preset = Literal["custom", "claude", "chatgpt"]
SHORTEST_LIFETIME: Final = 60
LONGEST_LIFETIME: Final = 10 * 366 * 86_400
"""Seconds: a minute and ten years. Between them are the lifetimes that a client may have of its own."""
LONGEST_RETRY_WINDOW: Final = 60
"""Seconds."""


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
    dynamic: bool = False
    """It has no ceiling: the user picks from their role at consent (staff decide)."""
    narrowing: bool = False
    """Whether the user may leave out some of what it asks for."""
    published: bool = False
    """Reviewed by staff, and usable by other tenants than its maker."""
    logo: str | None = None
    """Path of its picture on the origin of the pages."""


class ClientAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``client`` is ``None`` for an unknown one. ``usable_in``: those of the asked tenants that may use it."""

    client: Client | None
    usable_in: tuple[Id, ...] = ()
    turns_in: dict[Id, int] = {}
    """Turn of ``tenant_client`` in each of ``usable_in`` where it is not 0."""


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
    secret_ids: tuple[Id, ...] = ()
    """Their ids, in the same order; for people only, who are told when each was last used."""
    retry_window: int
    """Seconds in which the spent refresh token is answered with the same successor; 0 is strict."""
    default_audience: Literal["both", "mcp"]
    """Audience of a token when the client names no ``resource``."""
    barred: bool = False
    """Disabled, deleted or compromised: it authenticates nobody, and no connection of it is born."""
    reason: str = ""
    """Type of the event that told of the turn, such as ``client.secret_rotated``."""
    by: Id | None = None
    """The person who turned it."""
    refresh_token_lifetime: int | None = None
    """Seconds from each rotation on, if the client has a limit of its own."""
    connection_lifetime: int | None = None
    """Seconds from the consent on, however often it is used, if the client has such a limit."""
    client_credentials: bool = False
    """Whether it may have tokens of its own, without a user (RFC 6749 §4.4)."""


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    gate: Gate | None


class GateGet(Ask[GateAnswer], frozen=True):
    """The token service asks the owner once about a client that it does not know, or knows too old."""

    path: ClassVar[str] = "/internal/clients/gate"
    answer: ClassVar[type] = GateAnswer
    client: Id
