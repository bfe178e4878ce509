"""What the records service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithVerifier


class Settings(Common, WithDatabase, WithEvents, WithVerifier, frozen=True, kw_only=True):
    """Nothing but what it shares with others."""
