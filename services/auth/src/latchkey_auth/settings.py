"""What the auth service is told."""

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
    """Internal address of the client registry."""
    token_url: str
    """Internal address of the token service, where connections are born, and which is told at once what cuts them."""
    master_key: Secret
    """Base64 of 32 bytes, from which the key comes that signs for whoever is at the console."""
    workspace_origin: OptionalOrigin = ""
    """Origin of the pages; empty when it is the API origin."""
    outbox_consumers: str = "audit,token"
    session_hours: Positive = 12
    """How long a sign-in lasts."""
    password_threads: Positive = 2
    """Password hashes under way at once; each takes 64 MiB."""

    @property
    def pages(self) -> str:
        return self.workspace_origin or self.origin
