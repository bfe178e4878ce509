"""What the edge is told."""

from latchkey_kit.settings import Common, WithEvents, WithVerifier


class Settings(Common, WithEvents, WithVerifier, frozen=True, kw_only=True):
    """Nothing but what it shares with others."""
