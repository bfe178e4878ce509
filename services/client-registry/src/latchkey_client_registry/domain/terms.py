"""What a client may have agreed with the token service beyond the usual."""

from typing import Protocol

import msgspec

from latchkey_contracts.requests.clients import ClientType, Proof


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. ``None``: the preset's retry window, the service's or the tenant's lifetimes."""

    retry_window: int | None = None
    refresh_token_lifetime: int | None = None
    connection_lifetime: int | None = None
    client_credentials: bool = False


class Kind(Protocol):
    """What of a client decides which terms it may have."""

    @property
    def client_type(self) -> ClientType: ...
    @property
    def proof(self) -> Proof: ...
    @property
    def dynamic(self) -> bool: ...


def problem(terms: Terms, client: Kind) -> str | None:
    """Why a client cannot have these terms. Tokens of its own need a secret (RFC 6749 §4.4)."""
    if not terms.client_credentials:
        return None
    if client.client_type == "public":
        return "A public client has no secret, so it cannot have tokens of its own."
    if client.proof == "pkce":
        return "A client that proves itself by PKCE alone cannot have tokens of its own: set proof to both or secret."
    if client.dynamic:
        return "A dynamic client may do what each user picks, so it cannot have tokens of its own."
    return None
