"""What the records service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox, WithVerifier


class Settings(Common, WithDatabase, WithEvents, WithOutbox, WithVerifier, frozen=True, kw_only=True):
    """Nothing but what it shares with others."""
