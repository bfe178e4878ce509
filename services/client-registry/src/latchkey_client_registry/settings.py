"""What the client registry is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithVerifier


class Settings(Common, WithDatabase, WithEvents, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    token_url: str
    """Internal address of the token service, which is told at once what happens to a client."""
