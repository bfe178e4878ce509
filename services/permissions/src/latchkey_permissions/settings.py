"""What the permissions service is told."""

from latchkey_kit.settings import Common, WithDatabase, WithEvents


class Settings(Common, WithDatabase, WithEvents, frozen=True, kw_only=True):
    """``token_url`` is the token service's internal port: floors go there."""

    token_url: str
