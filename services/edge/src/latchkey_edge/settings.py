"""What the edge is told."""

from latchkey_kit.settings import Common, WithEvents


class Settings(Common, WithEvents, frozen=True, kw_only=True):
    """Addresses are those of the other services' internal ports."""

    token_url: str
    permissions_url: str
