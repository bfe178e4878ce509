"""What the records service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents


class Settings(Common, WithDatabase, WithEvents, frozen=True, kw_only=True):
    """Addresses are those of the other services' internal ports."""

    token_url: str
    permissions_url: str
