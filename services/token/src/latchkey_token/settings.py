"""What the token service is told."""

from latchkey_kit.settings import (
    Common,
    OptionalOrigin,
    Positive,
    Secret,
    WithDatabase,
    WithEvents,
    WithOutbox,
    WithVerifier,
)


class Settings(Common, WithDatabase, WithEvents, WithOutbox, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    client_registry_url: str
    """Internal address of the client registry, the owner of what the gate knows."""
    auth_url: str
    """Internal address of the auth service, the owner of tenants, users and members."""
    master_key: Secret
    """Base64 of the 32 bytes under which signing and MAC keys lie in the database."""
    workspace_origin: OptionalOrigin = ""
    """Where people authorize; empty when it is the API origin."""
    access_token_lifetime: Positive = 3600
    """Seconds."""
    refresh_token_lifetime: Positive = 365 * 24 * 3600
    """Seconds; it starts anew with each rotation. Clients and tenants may have shorter ones."""
    verifier_lease: Positive = 2
    """Seconds: the longest lease that any verifier has. A kill is in force everywhere after it at the latest."""
    code_lifetime: Positive = 60
    """Seconds from consent to exchange."""


class HeadsSettings(Common, WithDatabase, frozen=True, kw_only=True):
    """The feed's process needs no more than the token service's database."""
