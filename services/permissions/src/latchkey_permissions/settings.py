"""What the permissions service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox


class Settings(Common, WithDatabase, WithEvents, WithOutbox, frozen=True, kw_only=True):
    """What it has of its own."""

    token_url: str
    """Internal address of the token service, where floors go."""
