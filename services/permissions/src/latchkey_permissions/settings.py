"""What the permissions service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox, WithVerifier


class Settings(Common, WithDatabase, WithEvents, WithOutbox, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    auth_url: str
    """Internal address of the auth service, which knows who is a member."""
    records_url: str
    """Internal address of the records service, which knows whose a company is."""
    token_url: str
    """Internal address of the token service, where floors go."""
