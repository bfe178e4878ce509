"""What the token service is told."""

from latchkey_kit.settings import Common, Secret, WithDatabase, WithEvents


class Settings(Common, WithDatabase, WithEvents, frozen=True, kw_only=True):
    """Durations are seconds."""

    client_registry_url: str
    """Internal port of the client registry, the owner of what the gate knows."""
    permissions_url: str
    """Internal port of the permissions service, for the rights of whoever manages connections."""
    token_url: str
    """Internal port of this service itself, where its own verifier pulls the feed."""
    master_key: Secret
    """Base64 of the 32 bytes under which signing and MAC keys lie in the database."""
    workspace_origin: str = ""
    """Where people authorize; empty when it is the origin."""
    access_token_lifetime: int = 3600
    refresh_token_lifetime: int = 365 * 24 * 3600
    """Sliding: it starts anew with each rotation."""
    code_lifetime: int = 60
