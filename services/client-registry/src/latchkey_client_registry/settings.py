"""What the client registry is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox, WithVerifier


class Settings(Common, WithDatabase, WithEvents, WithOutbox, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    outbox_consumers: str = "audit,token"
    auth_url: str
    """Internal address of the auth service, which signs for whoever is at the console."""
    token_url: str
    """Internal address of the token service, which is told at once what happens to a client."""
