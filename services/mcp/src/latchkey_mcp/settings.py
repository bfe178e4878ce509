"""What the MCP server is told."""

from latchkey_kit.settings import Common, WithEvents, WithVerifier


class Settings(Common, WithEvents, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    records_url: str
    """Internal address of the records service, which does what assistants ask for."""
